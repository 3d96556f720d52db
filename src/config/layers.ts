import type { z } from 'zod';
import { ONLY_NAME } from './config.js';
import { mergeMaps } from './merge.js';
import { textsAt } from './names.js';
import { SECTIONS } from './schema.js';
import { at, type Entry, type MapTree, mapAt, mapTree } from './tree.js';

/** A config's overlays under one profile, which its own changes are merged into already. */
export interface Layers {
  readonly root: MapTree;
  readonly profile: MapTree;
  /** By name, those that the profile leaves. */
  readonly settings: ReadonlyMap<string, MapTree>;
  readonly arms: ReadonlyMap<string, MapTree>;
}

export function layersOf(root: MapTree, profileName: string, trial: z.ZodObject): Layers {
  const profile = mapAt(root, ['profiles', profileName]);
  const [settings, arms] = (['settings', 'arms'] as const).map((kind) =>
    overlays(kind, root, profile, trial),
  );
  return { root, profile, settings: settings!, arms: arms! };
}

/** The sections of a layer as a tree of their own; with `all`, a section that is not there as an empty map. */
export function sectionsOf(layer: MapTree, all = false): MapTree {
  const entries = SECTIONS.flatMap((section): [string, Entry][] => {
    const entry = layer.entries.get(section);
    if (entry?.value.kind === 'map') return [[section, entry]];
    const origin = entry?.origin ?? layer.origin;
    return all ? [[section, { origin, value: mapTree(origin) }]] : [];
  });
  return mapTree(layer.origin, entries);
}

/** How many pairs of a setting with one of its arms there are. */
export function countPairs({ settings, arms }: Layers): number {
  return [...arms.values()]
    .map((arm) => onlyOf(arm))
    .map((only) => (only ? [...only].filter((name) => settings.has(name)).length : settings.size))
    .reduce((sum, count) => sum + count, 0);
}

/** The arms of every setting that has any. */
export function armsBySetting({ settings, arms }: Layers): Map<string, string[]> {
  const limited = [...arms].map(([arm, overlay]) => ({ arm, only: onlyOf(overlay) }));
  const found = [...settings.keys()].map((setting): [string, string[]] => [
    setting,
    limited.filter(({ only }) => only?.has(setting) ?? true).map(({ arm }) => arm),
  ]);
  return new Map(found.filter(([, own]) => own.length > 0));
}

function onlyOf(arm: MapTree): ReadonlySet<string> | undefined {
  return namesAt(arm, ['only']);
}

/** The settings or arms by name, with what the profile changes in them, less those that it leaves out. */
function overlays(
  kind: 'settings' | 'arms',
  root: MapTree,
  profile: MapTree,
  trial: z.ZodObject,
): Map<string, MapTree> {
  const named = mapAt(root, [kind]).entries;
  const names = named.size === 0 ? [ONLY_NAME] : [...named.keys()];
  const only = namesAt(profile, ['only', kind]);
  return new Map(
    names
      .filter((name) => only?.has(name) ?? true)
      .map((name) => [name, overlaid(mapAt(root, [kind, name]), mapAt(profile, [kind, name]), trial)]),
  );
}

/** One setting or arm with a profile's changes: sections are merged, all else is replaced. */
function overlaid(below: MapTree, above: MapTree, trial: z.ZodObject): MapTree {
  const sections = mergeMaps(sectionsOf(below), sectionsOf(above), trial).entries;
  return { ...below, entries: new Map([...below.entries, ...above.entries, ...sections]) };
}

/** The names in a list; undefined where there is no list, or one that holds more than text, which is wrong anyway. */
function namesAt(tree: MapTree, path: readonly string[]): ReadonlySet<string> | undefined {
  const list = at(tree, path);
  const texts = textsAt(tree, path).map(({ text }) => text);
  return list?.kind === 'list' && list.items.length === texts.length ? new Set(texts) : undefined;
}
