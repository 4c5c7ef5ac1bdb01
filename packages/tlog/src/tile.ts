/**
 * Tiles: the files that the tree and its entries are stored and served as (c2sp.org/tlog-tiles).
 *
 *     tile/<L>/<N>[.p/<W>]        256 (or W) hashes of level L, 32 bytes each
 *     tile/entries/<N>[.p/<W>]    256 (or W) entries, each after its length in 16 bits, big-endian
 *
 * `<N>` is `x001/x234/067` for 1234067. This file knows names and bytes; it reads nothing.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { MAX_ENTRY_BYTES } from './entry.ts';
import { TlogError } from './errors.ts';
import { HASH_BYTES } from './merkle/hash.ts';
import type { NodeId } from './merkle/proof.ts';
import { TILE_WIDTH, partialWidths, subtreeRoot } from './merkle/tree.ts';
import type { TileHashes } from './merkle/tree.ts';

export interface TileId {
  /** 0 to 63, or `entries`. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

const TILE_HEIGHT = 8;
const MAX_LEVEL = 63;
const PATH =
  /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** Bytes of the largest bundle of entries. */
export const MAX_BUNDLE_BYTES: number = TILE_WIDTH * (2 + MAX_ENTRY_BYTES);

/** Where a tile is, relative to the log. Law: `parseTilePath(tilePath(id))` equals `id`. */
export function tilePath(id: TileId): string {
  const full = fullTilePath(id);
  return id.width === TILE_WIDTH ? full : `${full}.p/${id.width}`;
}

/** The folder that holds the partial forms of a tile. */
export function partialFolder(id: TileId): string {
  return `${fullTilePath(id)}.p`;
}

/**
 * Reads the path of a tile as a client may ask for it.
 *
 * @returns null for anything that is not the one spelling of a tile path
 */
export function parseTilePath(path: string): TileId | null {
  const [, levelText = '', indexText = '', widthText] = PATH.exec(path) ?? [];
  const level = levelText === 'entries' ? 'entries' : Number(levelText);
  const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
  const index = Number(indexText.replaceAll(/[x/]/g, ''));
  const id: TileId = { level, index, width };
  const fits = level === 'entries' || level <= MAX_LEVEL;
  // What is no tile path, a width from 256 on and leading groups of zeros are spelt otherwise.
  return fits && Number.isSafeInteger(index) && tilePath(id) === path && width <= TILE_WIDTH
    ? id
    : null;
}

/** The tile of `level` at `index` as a tree of `size` entries has it. @throws TLOG_RANGE_INVALID */
export function tileInTree(level: number | 'entries', index: number, size: number): TileId {
  let nodes = size;
  for (let below = level === 'entries' ? 0 : level; below > 0; below -= 1) {
    nodes = Math.floor(nodes / TILE_WIDTH);
  }
  const width = Math.min(TILE_WIDTH, nodes - index * TILE_WIDTH);
  if (width < 1 || index < 0) {
    throw new TlogError(
      'TLOG_RANGE_INVALID',
      `cannot find tile ${index} of level ${level}: a tree of ${size} entries has no such tile`,
    );
  }
  return { level, index, width };
}

/** The partial tiles of hashes at the right edge of a tree, by level; null where there is none. */
export function edgeTiles(size: number): readonly (TileId | null)[] {
  let nodes = size;
  return partialWidths(size).map((width, level) => {
    const index = Math.floor(nodes / TILE_WIDTH);
    nodes = index;
    return width === 0 ? null : { level, index, width };
  });
}

/** The tile from which a node of the tree can be computed. */
export function tileOfNode(node: NodeId, size: number): TileId {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const perTile = 2 ** (TILE_HEIGHT - (node.level % TILE_HEIGHT));
  return tileInTree(level, Math.floor(node.index / perTile), size);
}

/** Computes a node from the hashes of its tile (`tileOfNode`). @throws TLOG_RANGE_INVALID */
export function nodeFromTile(node: NodeId, tile: TileHashes): Uint8Array {
  const width = 2 ** (node.level % TILE_HEIGHT);
  const first = (node.index % (TILE_WIDTH / width)) * width;
  if (first + width > tile.length) {
    throw new TlogError(
      'TLOG_RANGE_INVALID',
      `cannot hash node ${node.index} of level ${node.level}: the tile has ${tile.length} hashes and does not span it`,
    );
  }
  return subtreeRoot(tile.slice(first, first + width));
}

/** The bytes of a tile of hashes. */
export function encodeTile(hashes: TileHashes): Uint8Array {
  return Buffer.concat(hashes);
}

/** Reads a tile of exactly `width` hashes. @throws {TlogError} TLOG_TILE_CORRUPT */
export function decodeTile(bytes: Uint8Array, id: TileId): TileHashes {
  if (bytes.length !== id.width * HASH_BYTES) {
    throw corrupt(id, `it has ${bytes.length} bytes, not ${id.width * HASH_BYTES}`);
  }
  return Array.from({ length: id.width }, (_, at) =>
    bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
}

/** The bytes of a bundle. Each entry has 0 to 65,535 bytes. @throws {TlogError} TLOG_ENTRY_INVALID */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts = entries.flatMap((entry) => {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new TlogError(
        'TLOG_ENTRY_INVALID',
        `cannot log an entry of ${entry.length} bytes: an entry has at most ${MAX_ENTRY_BYTES}; log its digest`,
      );
    }
    const length = Buffer.alloc(2);
    length.writeUInt16BE(entry.length);
    return [length, entry];
  });
  return Buffer.concat(parts);
}

/** Reads a bundle of exactly `width` entries. @throws {TlogError} TLOG_TILE_CORRUPT */
export function decodeBundle(bytes: Uint8Array, id: TileId): readonly Uint8Array[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < id.width) {
    if (at + 2 > view.length) throw corrupt(id, `it ends after ${entries.length} entries`);
    const end = at + 2 + view.readUInt16BE(at);
    if (end > view.length) throw corrupt(id, `entry ${entries.length} is cut short`);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (at !== view.length) throw corrupt(id, `it holds more than ${id.width} entries`);
  return entries;
}

/** The error for a tile that is not what the tree says. */
export function corrupt(id: TileId, why: string): TlogError {
  return new TlogError(
    'TLOG_TILE_CORRUPT',
    `cannot use ${excerpt(tilePath(id))}: ${why}; restore the log from a copy, and keep this one as evidence`,
    { details: { tile: tilePath(id) } },
  );
}

function fullTilePath(id: TileId): string {
  const digits = String(id.index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/.{3}/g) ?? [];
  const name = groups
    .map((group, at) => (at === groups.length - 1 ? group : `x${group}`))
    .join('/');
  return `tile/${id.level}/${name}`;
}
