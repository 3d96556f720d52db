import { basename } from 'node:path';
import { UserError } from '../../errors.js';
import type { Wheel } from './fetch-wheels.js';

/** SHA-256 of TensorFlow's wheels as https://pypi.org/simple/tensorflow/ and /tensorflow-cpu/ give them. */
const pins: ReadonlyMap<string, string> = new Map([
  [
    'tensorflow_cpu-2.20.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    'c7a9224185818094ed95c4e114d3efe77241db35fbf0b75251fb2bf6222dd6a7',
  ],
  [
    'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
  ],
  [
    'tensorflow-2.20.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
    '25265b0bc527e0d54b1e9cc60c44a24f44a809fe27666b905f0466471f9c52ec',
  ],
  [
    'tensorflow-2.20.0-cp312-cp312-manylinux_2_17_aarch64.manylinux2014_aarch64.whl',
    '2bfbfb3dd0e22bffc45fe1e922390d27753e99261fab8a882e802cf98a0e078f',
  ],
  [
    'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
  ],
  [
    'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_aarch64.whl',
    'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
  ],
]);

/**
 * Compares wheels with what is known of them, before anything in them is used.
 * @returns those of which nothing is known: they are what the package index says they are.
 * @throws UserError when one is not the published file.
 */
export function checkPins(wheels: readonly Wheel[]): Wheel[] {
  for (const { path, sha256 } of wheels) {
    const pinned = pins.get(basename(path));
    if (pinned !== undefined && pinned !== sha256)
      throw new UserError(
        `${path} is not the published file: its SHA-256 is ${sha256}, expected ${pinned}. Nothing of it was used. ` +
          'Delete it, see that pip asks an index that you trust (pip config list), and run the command again.',
      );
  }
  return wheels.filter(({ path }) => !pins.has(basename(path)));
}
