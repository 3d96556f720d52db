import { diagnoseTensorflow } from '../backends/tensorflow/diagnose.js';
import { describeDiagnosis } from '../backends/tensorflow/diagnosis.js';
import { backendsFolder, type Flavour } from '../backends/tensorflow/folders.js';
import { type InstallOptions, installTensorflow } from '../backends/tensorflow/install.js';
import { findInstallations, removeInstallation } from '../backends/tensorflow/installations.js';
import { UserError } from '../errors.js';
import { gigabytes } from '../files/space.js';
import type { Streams } from './streams.js';

/** `gnoise backend install [--gpu] [--version X] [--force]` */
export async function installBackend(
  options: Pick<InstallOptions, 'gpu' | 'version' | 'force'>,
  { out, err }: Streams,
): Promise<void> {
  const { installation, probe, fresh } = await installTensorflow({
    ...options,
    progress: (line) => err.write(`${line}\n`),
  });
  const devices = probe.gpu ? 'CPU and GPU' : 'CPU';
  out.write(
    `TensorFlow ${probe.tensorflowVersion} ${fresh ? 'is installed' : 'is installed already'} and computes on ${devices}: ` +
      `${installation.folder}\n`,
  );
  if (options.gpu && !probe.gpu) {
    err.write('No GPU is visible here, so it computes on the CPU; gnoise doctor says more.\n');
  }
}

/** `gnoise backend list [--json]` */
export async function listBackends({ json = false }: { json?: boolean }, { out }: Streams): Promise<void> {
  const installations = await findInstallations();
  const diagnosis = await diagnoseTensorflow();
  if (json) {
    const answer = { folder: backendsFolder(), installations, inUse: diagnosis };
    out.write(`${JSON.stringify(answer, null, 2)}\n`);
    return;
  }
  const lines = installations.map(
    ({ folder, manifest: { tensorflowVersion, flavour, bytes } }) =>
      `TensorFlow ${tensorflowVersion} (${flavour}, ${gigabytes(bytes)}) ${folder}`,
  );
  if (lines.length === 0) lines.push(`Nothing is installed in ${backendsFolder()}.`);
  const use = describeDiagnosis(diagnosis);
  lines.push(diagnosis.state === 'ready' ? `In use: ${use}` : use);
  out.write(`${lines.join('\n')}\n`);
}

/** `gnoise backend remove [--gpu] [--version X]`: without options, everything that was installed. */
export async function removeBackends(
  { gpu, version }: { readonly gpu?: boolean; readonly version?: string },
  { out }: Streams,
): Promise<void> {
  const flavour: Flavour | undefined = gpu === undefined ? undefined : gpu ? 'gpu' : 'cpu';
  const installations = (await findInstallations()).filter(
    ({ manifest }) =>
      (flavour === undefined || manifest.flavour === flavour) &&
      (version === undefined || manifest.tensorflowVersion === version),
  );
  if (installations.length === 0) {
    throw new UserError('No such native backend is installed. gnoise backend list shows those that are.');
  }
  for (const installation of installations) {
    await removeInstallation(installation);
    out.write(`Removed ${installation.folder}\n`);
  }
}
