import type { Environment } from '../../files/cache-folder.js';
import type { Gpu } from './gpu.js';

/** A card that this process may use. */
export interface Card {
  /** What CUDA_VISIBLE_DEVICES names it by. */
  readonly id: string;
  /** Free memory in bytes; null where the driver does not tell it, e.g. of a part of a card. */
  readonly freeBytes: number | null;
}

/**
 * The cards that a process may use, in its own order: those that CUDA_VISIBLE_DEVICES names (as schedulers do), or all.
 * CUDA ends the list at the first entry that is no card; so does this.
 */
export function visibleCards(gpus: readonly Gpu[], environment: Environment = process.env): Card[] {
  const named = environment.CUDA_VISIBLE_DEVICES;
  // Without a list cards are named by what does not depend on an order: CUDA and nvidia-smi may count them differently.
  if (named === undefined) return gpus.map((gpu) => ({ id: gpu.uuid, freeBytes: freeBytes(gpu) }));
  if (gpus.length === 0) return [];
  const ids = named.split(',').map((id) => id.trim());
  const end = ids.findIndex((id) => id === '' || id === '-1');
  return ids.slice(0, end < 0 ? ids.length : end).map((id) => {
    const gpu = /^\d+$/.test(id) ? gpus[Number(id)] : gpus.find(({ uuid }) => uuid.startsWith(id));
    return { id, freeBytes: gpu ? freeBytes(gpu) : null };
  });
}

/** The environment of process `slot` (from 0): processes are dealt to the cards in turn, one card each. */
export function environmentOn(
  cards: readonly Card[],
  slot: number,
): { readonly CUDA_VISIBLE_DEVICES?: string } {
  return cards.length === 0 ? {} : { CUDA_VISIBLE_DEVICES: cards[slot % cards.length]!.id };
}

function freeBytes({ totalMebibytes, usedMebibytes }: Gpu): number {
  return (totalMebibytes - usedMebibytes) * 2 ** 20;
}
