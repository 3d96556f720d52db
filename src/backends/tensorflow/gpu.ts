import { execa } from 'execa';

/** An NVIDIA card as its driver reports it. */
export interface Gpu {
  /** E.g. `GPU-8a56a4bc-...`: the same in every program and in every order of the cards. */
  readonly uuid: string;
  readonly name: string;
  readonly driver: string;
  readonly totalMebibytes: number;
  readonly usedMebibytes: number;
}

/** The NVIDIA cards of this machine; empty where there is no driver. */
export async function findGpus(): Promise<Gpu[]> {
  const fields = '--query-gpu=uuid,name,driver_version,memory.total,memory.used';
  const { failed, stdout } = await execa('nvidia-smi', [fields, '--format=csv,noheader,nounits'], {
    reject: false,
    timeout: 20_000,
  });
  if (failed) return [];
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => {
      const [uuid = '', name = '', driver = '', total, used] = line.split(',').map((field) => field.trim());
      return { uuid, name, driver, totalMebibytes: Number(total), usedMebibytes: Number(used) };
    });
}
