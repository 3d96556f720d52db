import { type Call, type Declarations, FLOAT } from './declaration.js';

export const memoryNetwork = {
  EmbedBagsPerReplica: {
    run: 'embedBags',
    inputs: ['table', 'ids', 'weights'],
    outputs: ({ inputs: { table, ids } }) => [[table.shape[0], ids.shape[1], table.shape[2]]],
    numbers: bagNumbers,
    ranges: ({ inputs: { table } }) => ({ ids: [0, table.shape[1]] }),
  },
  EmbedBagsGradientPerReplica: {
    run: 'embedBagsGradient',
    inputs: ['dy', 'ids', 'weights'],
    outputs: ({ inputs: { table } }) => [table.shape],
    numbers: bagNumbers,
  },
  MemoryHopPerReplica: {
    run: 'memoryHop',
    inputs: ['query', 'input', 'output', 'ids', 'weights', 'linear'],
    outputs: ({ inputs: { query, ids } }) => [query.shape, [...query.shape.slice(0, 2), ids.shape[2]]],
    scratch: ({ inputs: { query } }) => query.shape[2] * FLOAT,
    numbers: hopNumbers,
    ranges: ({ inputs: { input } }) => ({ ids: [0, input.shape[1]] }),
  },
  MemoryHopGradientPerReplica: {
    run: 'memoryHopGradient',
    inputs: ['dy', 'attention', 'query', 'input', 'output', 'ids', 'weights', 'linear'],
    outputs: ({ inputs: { query, input, output } }) => [query.shape, input.shape, output.shape],
    scratch: ({ inputs: { query, ids } }) => (2 * query.shape[2] + ids.shape[2]) * FLOAT,
    numbers: hopNumbers,
  },
} satisfies Declarations;

type Bags = Call<'EmbedBagsPerReplica' | 'EmbedBagsGradientPerReplica'>;
type Hop = Call<'MemoryHopPerReplica' | 'MemoryHopGradientPerReplica'>;

/** Replicas, bags, slots, width; bytes of a replica's table, and of its ids, 0 where all replicas have the same. */
function bagNumbers({ inputs: { table, ids } }: Bags): number[] {
  const [R, words, width] = table.shape;
  const [sets, bags, slots] = ids.shape;
  return [R, bags, slots, width, words * width * FLOAT, sets === 1 ? 0 : bags * slots * FLOAT];
}

/** Replicas, queries, sentences, slots, width; then as for bags. */
function hopNumbers({ inputs: { input, ids } }: Hop): number[] {
  const [R, words, width] = input.shape;
  const [sets, queries, sentences, slots] = ids.shape;
  const idBytes = sets === 1 ? 0 : queries * sentences * slots * FLOAT;
  return [R, queries, sentences, slots, width, words * width * FLOAT, idBytes];
}
