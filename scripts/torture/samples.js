/** Every experiment, so small that undisturbed training takes a second or two. */
export const samples = {
  mnist20: ['configs/mnist20.yaml', '--set', 'data.source=synthetic-digits', '--set', 'train.epochs=2'],
  babi: ['configs/babi-generated.yaml', '--set', 'train.epochs=2', '--set', 'train.linearEpochs=1'],
  'kth-element': ['configs/kth-element.yaml', '--set', 'train.updates=100'],
  multiplication: ['configs/multiplication.yaml'],
  'neural-gpu': ['configs/neural-gpu-length.yaml'],
  'table-qa': ['configs/table-qa-search.yaml'],
};

/** The same with so many trials that a sweep outlasts many kills. */
export const long = Object.fromEntries(
  Object.entries(samples).map(([name, args]) => [`${name}, more seeds`, [...args, '--seeds', '0-7']]),
);

/** Arguments of a run of a sample: on the backend that every machine has, whose numbers no population changes. */
export function runOf(sample, results, ...more) {
  return [
    'run',
    ...(samples[sample] ?? long[sample]),
    '--profile',
    'smoke',
    '--backend',
    'wasm',
    '--results',
    results,
    ...more,
  ];
}
