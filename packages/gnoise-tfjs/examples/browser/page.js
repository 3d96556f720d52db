// Trains a model on the browser's GPU (webgl) with the paper's whole step: clip, add noise, descend.
import * as tf from '@tensorflow/tfjs';
import { adam, addNoise, annealed, asOptimizer, chain, clipByGlobalNorm } from 'gnoise-tfjs';

const show = (text) => {
  document.querySelector('#state').textContent = text;
};

async function train() {
  await tf.ready();
  const x = tf.randomUniform([512, 2], -1, 1, 'float32', 1);
  const y = tf.greater(tf.prod(x, 1, true), 0).cast('float32');
  const hidden = () =>
    tf.layers.dense({
      units: 16,
      activation: 'relu',
      kernelInitializer: tf.initializers.heNormal({ seed: 1 }),
    });
  const model = tf.sequential();
  model.add(tf.layers.inputLayer({ inputShape: [2] }));
  model.add(hidden());
  model.add(hidden());
  model.add(tf.layers.dense({ units: 1, activation: 'sigmoid' }));
  model.compile({
    optimizer: asOptimizer(
      chain(clipByGlobalNorm(10), addNoise(annealed({ eta: 0.01 })), adam({ rate: 0.01 })),
    ),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  const epochs = 20;
  await model.fit(x, y, {
    epochs,
    batchSize: 64,
    callbacks: {
      onEpochEnd: (epoch, { acc }) =>
        show(
          epoch + 1 < epochs
            ? `Epoch ${epoch + 1} of ${epochs}, training accuracy ${acc.toFixed(3)}`
            : `Done on ${tf.getBackend()}: training accuracy ${acc.toFixed(3)}`,
        ),
    },
  });
}

train().catch((error) => show(String(error)));
