import type { Manifest } from './manifest.js';

/** Of an installation that holds nothing but what a test puts there. */
export const plainManifest = {
  flavour: 'cpu',
  tensorflowVersion: '2.21.0',
  sources: [],
  licence: '',
  compiler: '',
  node: '',
  napi: 8,
  installedAt: '',
  bytes: 0,
} satisfies Partial<Manifest>;
