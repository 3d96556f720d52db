import type { z } from 'zod';
import { type Assignment, overlaps } from './assignments.js';
import type { Origin } from './problem.js';
import { schemaAt } from './shape.js';
import type { MapTree, Tree } from './tree.js';

/** A path of the grid with its values, and where it was written. */
export interface Axis {
  /** The path with dots. */
  readonly name: string;
  readonly path: readonly string[];
  readonly values: readonly Tree[];
  readonly origin: Origin;
}

/** The grid of the topmost layer that has one. What is no axis there, the file's schema complains about. */
export function axesOf(layers: readonly MapTree[], trial: z.ZodObject): Axis[] {
  const grid = layers.map((layer) => layer.entries.get('grid')?.value).find(Boolean);
  if (grid?.kind !== 'map') return [];
  return [...grid.entries].flatMap(([name, { origin, value }]) => {
    const path = name.split('.');
    const isAxis =
      value.kind === 'list' && value.items.length > 0 && path.length > 1 && schemaAt(trial, path);
    return isAxis ? [{ name, path, values: value.items, origin }] : [];
  });
}

/** A value from the command line stands above the grid: an axis that it overrides is left out. */
export function remaining(axes: readonly Axis[], assignments: readonly Assignment[]): Axis[] {
  return axes.filter((axis) => !assignments.some(({ path }) => overlaps(path, axis.path)));
}

/** How many points the grid has: all combinations of its axes' values. */
export function pointCount(axes: readonly Axis[]): number {
  return axes.reduce((product, { values }) => product * values.length, 1);
}
