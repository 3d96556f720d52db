import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Network } from '../../../bench/network.js';
import { networks } from '../../../bench/networks.js';
import { unplannedTrial } from '../../../experiments/unplanned.js';
import { currentRecorder, provideRecorder, type Recorder } from '../../../kernels/recorder.js';
import { Population } from '../../../trainer/population.js';
import { diagnoseTensorflow } from '../diagnose.js';
import { openTensorflow } from '../load.js';
import type { GnoiseBackend } from '../node-backend.js';

// Without native TensorFlow native.test.ts says what is skipped.
const diagnosis = await diagnoseTensorflow();
const ready = diagnosis.state === 'ready' && diagnosis.functions;

describe.skipIf(!ready)('programs as functions of TensorFlow', () => {
  let recorder: Recorder;

  beforeAll(async () => {
    await openTensorflow({ threads: 2 });
    recorder = currentRecorder()!;
  });

  const handles = () =>
    ((tf.backend() as GnoiseBackend).binding as unknown as { getNumOfTensors(): number }).getNumOfTensors();

  /** What a program gives when it is replayed after tensors that it reads were overwritten. */
  function replayed(run: () => tf.Tensor, overwritten: [to: tf.Tensor, by: tf.Tensor][]) {
    const { result, recording } = recorder.record(run, 0);
    for (const [to, by] of overwritten) recorder.overwrite(to, by);
    recording!.spoil();
    recording!.replay();
    const numbers = result.arraySync();
    recording!.dispose();
    result.dispose();
    return numbers;
  }

  it('read anew what comes from outside, and keep their own numbers', () => {
    const [x, y, scalar] = [tf.tensor1d([1, 2, 3, 4, 5]), tf.tensor1d([10, 20, 30, 40, 50]), tf.scalar(2)];
    const run = () => tf.tidy(() => x.mul(tf.tensor1d([1, 2, 3, 4, 5])).add(scalar));
    expect(run().arraySync()).toEqual([3, 6, 11, 18, 27]);
    expect(
      replayed(run, [
        [x, y],
        [scalar, tf.scalar(-1)],
      ]),
    ).toEqual([9, 39, 89, 159, 249]);
    expect(y.arraySync()).toEqual([10, 20, 30, 40, 50]);
  });

  it('call operations in all the ways in which TensorFlow.js and gnoise call them', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const run = () =>
      tf.tidy(() => {
        const listed = tf.concat([x, x.square(), tf.onesLike(x)], 1);
        const severalOutputs = tf.split(listed, [2, 7], 1);
        const gathered = x.gather(tf.tensor1d([1, 0, 1], 'int32'));
        const strided = x.stridedSlice([0, 0], [2, 3], [1, 2]);
        const image = x.reshape([1, 2, 3, 1]) as tf.Tensor4D;
        const withNumbersAndWords = tf.conv2d(image, tf.ones([2, 2, 1, 1]), [1, 2], 'same');
        const otherTypes = tf.where(x.greater(2), x, tf.zerosLike(x)).cumsum(1).toInt().toFloat();
        const all = [...severalOutputs, gathered, strided, withNumbersAndWords, otherTypes];
        return tf.concat(all.map((t) => t.reshape([-1])));
      });
    const found = replayed(run, [[x, tf.tensor2d([6, 5, 4, 3, 2, 1], [2, 3])]]);
    expect(found).toEqual(run().arraySync());
    expect(x.arraySync()).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ]);
  });

  it('are not recorded where numbers are looked at, which a function could not', () => {
    const x = tf.tensor1d([1, 2, 3]);
    const { recording } = recorder.record(() => x.mul(x.sum().dataSync()[0]!), 0);
    expect(recording).toBeNull();
  });

  it('give tensors other owners without copying them, unless somebody else holds them', () => {
    const [to, from, shared] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4]).square(), tf.tensor1d([5, 6])];
    recorder.move(to, from);
    expect(to.arraySync()).toEqual([9, 16]);
    from.dispose();
    const clone = shared.clone();
    recorder.move(to, shared);
    recorder.forget(shared);
    expect([to.arraySync(), clone.arraySync()]).toEqual([
      [5, 6],
      [5, 6],
    ]);
  });

  /** All bytes of a population's state after some updates with reports between, and how many of them were replayed. */
  async function trained({ experiment, settings, ...network }: Network, updates: number) {
    const data = await network.open();
    const trials = [0, 1].map((r) => unplannedTrial(experiment, settings, network.seedOf(r)));
    const population = new Population(experiment, trials, data);
    for (let i = 0; i < updates; i++) {
      const { step } = population;
      population.step = network.step ?? step;
      population.update();
      population.step = step + 1;
      if (population.step % 4 === 0) await population.report();
    }
    const { tensors } = await population.save();
    const state = tensors.map(({ name, data }) => `${name} ${Buffer.from(data.buffer).toString('base64')}`);
    const { replayed } = population;
    population.dispose();
    data.dispose();
    return { state, replayed };
  }

  async function madeAndReplayed(network: Network, updates: number) {
    provideRecorder('tensorflow', undefined);
    const made = await trained(network, updates);
    provideRecorder('tensorflow', recorder);
    const before = handles();
    const replayed = await trained(network, updates);
    return { made, replayed, kept: handles() - before };
  }

  it.each(Object.entries(networks))(
    'leave the bits that operations leave one by one: %s',
    async (_, network) => {
      const { made, replayed, kept } = await madeAndReplayed(network, 9);
      expect(made.replayed).toBe(0);
      expect(replayed.replayed).toBe(4);
      expect(replayed.state).toEqual(made.state);
      // Constants stay with the backend: they are as many as before, or a few more.
      expect(kept).toBeLessThan(10);
    },
  );

  it('take turns where batches have several shapes, and keep one state only', async () => {
    const { step: _, ...network } = networks['neural-gpu']!;
    const { made, replayed, kept } = await madeAndReplayed(network, 40);
    expect(replayed.replayed).toBeGreaterThan(10);
    expect(replayed.state).toEqual(made.state);
    expect(kept).toBeLessThan(10);
  });
});
