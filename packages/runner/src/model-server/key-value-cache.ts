/**
 * Where sessions keep the keys and values of what they have read: slots of equal size, reused.
 *
 * Per layer a slot holds the keys, one row per position, then the values turned over, one row per
 * element with the positions side by side. That makes both halves of attention the same product.
 * What an earlier session left in a slot is never read: a session reads positions it wrote, and the
 * few after them that complete a group of four, which `storeValues` sets to zero.
 *
 * @module
 */
import type { Arena, Rows } from './arena.ts';
import { ServeError } from './errors.ts';

export interface CacheShape {
  readonly layers: number;
  /** Floats of one key, and of one value, over all key-value heads. */
  readonly width: number;
  readonly positions: number;
  readonly maxSlots: number;
}

/** Some successive positions of one layer of a slot. */
export interface CachePlace {
  readonly slot: number;
  readonly layer: number;
  readonly position: number;
  readonly count: number;
}

export interface KeyValueCache {
  /** How many more slots there may be at once. */
  readonly free: number;
  /** @throws {ServeError} overloaded, when all slots are taken or memory ends */
  take(): number;
  give(slot: number): void;
  keys(slot: number, layer: number): Rows;
  values(slot: number, layer: number): Rows;
  /** Turns `count` rows of values, found at `rows`, over into the slot. */
  storeValues(place: CachePlace, rows: Rows): void;
  /** Copies the first `positions` of one slot to another. */
  copy(from: number, to: number, positions: number): void;
}

export function createKeyValueCache(arena: Arena, shape: CacheShape): KeyValueCache {
  const { layers, width, maxSlots } = shape;
  const positions = roundUp(shape.positions);
  const half = positions * width;
  const unused: number[] = [];
  let made = 0;
  const keysAt = (slot: number, layer: number): number => slot + layer * 2 * half;
  const valuesAt = (slot: number, layer: number): number => keysAt(slot, layer) + half;
  return {
    get free() {
      return unused.length + maxSlots - made;
    },
    take() {
      const again = unused.pop();
      if (again !== undefined) return again;
      const slot = made < maxSlots ? arena.allocate(layers * 2 * half) : null;
      if (slot === null) throw new ServeError('overloaded', 'no memory for another answer');
      made += 1;
      return slot;
    },
    give: (slot) => void unused.push(slot),
    keys: (slot, layer) => ({ at: keysAt(slot, layer), stride: width }),
    values: (slot, layer) => ({ at: valuesAt(slot, layer), stride: positions }),
    storeValues({ slot, layer, position, count }, rows) {
      const { floats } = arena;
      const padding = roundUp(position + count) - position - count;
      for (let i = 0; i < width; i += 1) {
        const to = valuesAt(slot, layer) + i * positions + position;
        for (let t = 0; t < count; t += 1) {
          floats[to + t] = floats[rows.at + t * rows.stride + i] as number;
        }
        floats.fill(0, to + count, to + count + padding);
      }
    },
    copy(from, to, count) {
      const { floats } = arena;
      for (let layer = 0; layer < layers; layer += 1) {
        const keys = keysAt(from, layer);
        floats.copyWithin(keysAt(to, layer), keys, keys + count * width);
        for (let i = 0; i < width; i += 1) {
          const row = valuesAt(from, layer) + i * positions;
          floats.copyWithin(valuesAt(to, layer) + i * positions, row, row + count);
        }
      }
    },
  };
}

/** The next multiple of four. */
export function roundUp(count: number): number {
  return Math.ceil(count / 4) * 4;
}
