// Trains a model with gradient noise in the optimiser: npm install gnoise-tfjs @tensorflow/tfjs && node model-fit.js
import * as tf from '@tensorflow/tfjs';
import { annealed, withGradientNoise } from 'gnoise-tfjs';

await tf.ready();

// Is the product of two numbers positive?
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
  // The variance of the noise is 0.01 at the first update, and falls. The seed makes the run one that can be repeated.
  optimizer: withGradientNoise(tf.train.adam(0.01), annealed({ eta: 0.01 }), { seed: 1 }),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy'],
});
const { history } = await model.fit(x, y, { epochs: 20, verbose: 0 });
console.log(`training accuracy ${history.acc.at(-1).toFixed(3)}`);
