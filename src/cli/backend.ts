import { diagnoseTensorflow } from '../backends/tensorflow/diagnose.js';
import { describeDiagnosis } from '../backends/tensorflow/diagnosis.js';
import { gigabytes } from '../backends/tensorflow/disk.js';
import { backendsFolder, type Flavour } from '../backends/tensorflow/folders.js';
import { type InstallOptions, installTensorflow } from '../backends/tensorflow/install.js';
import { findInstallations, removeInstallation } from '../backends/tensorflow/installations.js';
import { UserError } from './errors.js';

/** Where a command writes; both end a line themselves. */
export interface Writers {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** `gnoise backend install [--gpu] [--version X] [--force]` */
export async function installBackend(
  options: Pick<InstallOptions, 'gpu' | 'version' | 'force'>,
  { out, err }: Writers,
): Promise<void> {
  const { installation, probe, fresh } = await installTensorflow({ ...options, progress: err });
  const devices = probe.gpu ? 'CPU and GPU' : 'CPU';
  out(
    `TensorFlow ${probe.tensorflowVersion} ${fresh ? 'is installed' : 'is installed already'} and computes on ${devices}: ` +
      installation.folder,
  );
  if (options.gpu && !probe.gpu) {
    err('No GPU is visible here, so it computes on the CPU; gnoise doctor says more.');
  }
}

/** `gnoise backend list [--json]` */
export async function listBackends({ json = false }: { json?: boolean }, { out }: Writers): Promise<void> {
  const installations = await findInstallations();
  const diagnosis = await diagnoseTensorflow();
  if (json) {
    out(JSON.stringify({ folder: backendsFolder(), installations, inUse: diagnosis }, null, 2));
    return;
  }
  for (const { folder, manifest } of installations) {
    out(
      `TensorFlow ${manifest.tensorflowVersion} (${manifest.flavour}, ${gigabytes(manifest.bytes)}) ${folder}`,
    );
  }
  if (installations.length === 0) out(`Nothing is installed in ${backendsFolder()}.`);
  out(diagnosis.state === 'ready' ? `In use: ${describeDiagnosis(diagnosis)}` : describeDiagnosis(diagnosis));
}

/** `gnoise backend remove [--gpu] [--version X]`: without options, everything that was installed. */
export async function removeBackends(
  { gpu, version }: { readonly gpu?: boolean; readonly version?: string },
  { out }: Writers,
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
    out(`Removed ${installation.folder}`);
  }
}
