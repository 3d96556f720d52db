import type { Environment } from '../../files/cache-folder.js';
import { damageOf } from './damage.js';
import { absent, type Diagnosis, loadFailure } from './diagnosis.js';
import { type Device, nativeEnvironment } from './environment.js';
import { type Candidate, locateTensorflow } from './locate.js';
import { installedPackage } from './npm-package.js';
import { probeBinding } from './probe.js';

/**
 * Looks for native TensorFlow and lets it compute in a child process, so that a crash of the library cannot take this
 * one down. Never throws: what is wrong is in the answer.
 */
export async function diagnoseTensorflow(
  device: Device = 'auto',
  environment: Environment = process.env,
  stock: (name: string) => string | undefined = installedPackage,
): Promise<Diagnosis> {
  const { candidates, lookedFor } = await locateTensorflow(device, environment, stock);
  let first: Diagnosis | undefined;
  for (const candidate of candidates) {
    const diagnosis = await examine(candidate, device, environment);
    if (diagnosis.state === 'ready') return diagnosis;
    first ??= diagnosis;
  }
  return first ?? absent(lookedFor);
}

async function examine(candidate: Candidate, device: Device, environment: Environment): Promise<Diagnosis> {
  const damage = await damageOf(candidate);
  if (damage !== null) return damage;
  const variables = { ...environment, ...nativeEnvironment({ device }, environment) };
  const result = await probeBinding(candidate.binding, variables);
  if (!result.ok) return loadFailure(candidate, result.message, result.signal);
  const { tensorflowVersion, gpu, functions } = result.probe;
  return { state: 'ready', candidate, tensorflowVersion, devices: gpu ? ['CPU', 'GPU'] : ['CPU'], functions };
}
