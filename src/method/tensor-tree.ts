import * as tf from '@tensorflow/tfjs-core';

/*
 * Tensors in nested records and lists, as JAX's pytrees: the state of a chain, of a population. Numbers of the host may
 * stand among them. A tensor's path is the names that lead to it, joined: `adam/slots/mean/layer0/weights`.
 */

/** The same tree with another tensor in place of each. */
export function mapTree<T>(tree: T, map: (tensor: tf.Tensor, path: string) => tf.Tensor, path = ''): T {
  if (tree instanceof tf.Tensor) return map(tree, path) as T;
  if (typeof tree !== 'object' || tree === null) return tree;
  const below = (value: unknown, name: string | number) =>
    mapTree(value, map, path ? `${path}/${name}` : `${name}`);
  if (Array.isArray(tree)) return tree.map(below) as T;
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, below(value, name)])) as T;
}

/** Every tensor by its path: the one place where state becomes a list. */
export function tensorsByPath(tree: unknown): Map<string, tf.Tensor> {
  const found = new Map<string, tf.Tensor>();
  mapTree(tree, (tensor, path) => {
    found.set(path, tensor);
    return tensor;
  });
  return found;
}

/** The tree with what only `other` has added to it, record by record, after what is there. */
export function mergeTrees<T>(tree: T, other: T): T {
  if (!isRecord(tree) || !isRecord(other)) return tree;
  const added = Object.entries(other).map(([name, value]) => [
    name,
    Object.hasOwn(tree, name) ? mergeTrees(tree[name], value) : value,
  ]);
  return { ...tree, ...Object.fromEntries(added) };
}

/**
 * Frees the tensors in nested records and lists, but for those that `kept` holds as well: in a loop, the old parameters and
 * state when the next are there.
 */
export function disposeTree(tree: object, kept: object = {}): void {
  const staying = new Set(tensorsOf(kept));
  for (const tensor of tensorsOf(tree)) if (!staying.has(tensor)) tensor.dispose();
}

/** Every tensor of a tree. */
export function tensorsOf(tree: object): tf.Tensor[] {
  return tf.tensor_util.getTensorsInContainer(tree as tf.TensorContainer);
}

function isRecord(tree: unknown): tree is { readonly [name: string]: unknown } {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) && !(tree instanceof tf.Tensor);
}
