import type { Examples, Explanation } from './experiment.js';

/** Indices of the examples that are meant, of `total`; after the last comes the first again, and none comes twice. */
export function chosen({ first, count }: Examples, total: number): number[] {
  return Array.from({ length: Math.min(count, total) }, (_, i) => (first + i) % total);
}

/** Explanations of single examples as one: under headings where they are several. */
export async function explainEach(
  indices: readonly number[],
  explain: (index: number) => Promise<Explanation>,
): Promise<Explanation> {
  const values = [];
  const texts = [];
  for (const index of indices) {
    const { value, text } = await explain(index);
    values.push({ example: index, ...value });
    texts.push(indices.length > 1 ? `Test example ${index}\n\n${text}` : text);
  }
  return { text: texts.join('\n\n'), value: { examples: values } };
}
