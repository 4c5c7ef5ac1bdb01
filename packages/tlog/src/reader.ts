/**
 * Reading a tiled log, from a folder or over HTTP.
 *
 * Bytes come from whoever holds the storage: sizes are bounded here and lengths checked, and nothing
 * is believed until it hashes to a signed root. A partial tile that is gone is cut from the full one,
 * as c2sp.org/tlog-tiles lets a log delete it.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { TlogError } from './errors.ts';
import { HASH_BYTES } from './merkle/hash.ts';
import type { TileHashes } from './merkle/tree.ts';
import { TILE_WIDTH } from './merkle/tree.ts';
import { MAX_NOTE_BYTES } from './note.ts';
import { MAX_BUNDLE_BYTES, decodeBundle, decodeTile, tilePath } from './tile.ts';
import type { TileId } from './tile.ts';

/** Where a log's files come from. */
export interface LogReader {
  /**
   * The bytes at a path relative to the log, or null when there is nothing.
   *
   * @throws {TlogError} TLOG_READ_FAILED when it cannot be known, or is over `maxBytes`
   */
  read(path: string, maxBytes: number): Promise<Uint8Array | null>;
}

export interface HttpReaderOptions {
  /** The global `fetch`, or one with a proxy or a client certificate. */
  readonly fetch: typeof globalThis.fetch;
  /** For one file, from the request to its last byte. */
  readonly timeoutMs: number;
}

/** Where the signed checkpoint lies in a log. */
export const CHECKPOINT_PATH = 'checkpoint';

/** Reads the files of a log in a folder. */
export function directoryReader(directory: string): LogReader {
  return {
    async read(relative, maxBytes) {
      const file = path.join(directory, relative);
      try {
        const { size } = await stat(file);
        if (size > maxBytes) throw tooLarge(relative, maxBytes);
        return await readFile(file);
      } catch (cause) {
        if (isAbsent(cause)) return null;
        throw cause instanceof TlogError ? cause : unreadable(relative, cause);
      }
    },
  };
}

/** Reads a log at a URL prefix; redirects are not followed. */
export function httpReader(prefix: string, options: HttpReaderOptions): LogReader {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return {
    async read(relative, maxBytes) {
      try {
        const response = await options.fetch(new URL(relative, base), {
          redirect: 'error',
          signal: AbortSignal.timeout(options.timeoutMs),
        });
        if (response.status === 404 || response.status === 410) {
          await response.body?.cancel();
          return null;
        }
        if (!response.ok) throw new Error(`the server answered ${response.status}`);
        return await readBody(response, maxBytes);
      } catch (cause) {
        throw cause instanceof TlogError ? cause : unreadable(relative, cause);
      }
    },
  };
}

/** Reads a body of at most `maxBytes`, and stops as soon as there is more. */
export async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of response.body ?? []) {
    total += chunk.length;
    if (total > maxBytes) throw tooLarge(response.url, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The signed note that the log publishes, unverified. @throws {TlogError} TLOG_TILE_MISSING */
export async function readCheckpoint(reader: LogReader): Promise<Uint8Array> {
  const bytes = await reader.read(CHECKPOINT_PATH, MAX_NOTE_BYTES);
  if (bytes === null) throw missing(CHECKPOINT_PATH);
  return bytes;
}

/** The hashes of a tile. @throws {TlogError} TLOG_TILE_MISSING, TLOG_TILE_CORRUPT, TLOG_READ_FAILED */
export async function readTile(reader: LogReader, id: TileId): Promise<TileHashes> {
  const found = await readWithFallback(reader, id, TILE_WIDTH * HASH_BYTES);
  return decodeTile(found.bytes, found.id).slice(0, id.width);
}

/** The entries of a bundle. @throws {TlogError} TLOG_TILE_MISSING, TLOG_TILE_CORRUPT, TLOG_READ_FAILED */
export async function readBundle(reader: LogReader, id: TileId): Promise<readonly Uint8Array[]> {
  const found = await readWithFallback(reader, id, MAX_BUNDLE_BYTES);
  return decodeBundle(found.bytes, found.id).slice(0, id.width);
}

async function readWithFallback(
  reader: LogReader,
  id: TileId,
  maxBytes: number,
): Promise<{ readonly id: TileId; readonly bytes: Uint8Array }> {
  const bytes = await reader.read(tilePath(id), maxBytes);
  if (bytes !== null) return { id, bytes };
  const full: TileId = { ...id, width: TILE_WIDTH };
  const fullBytes = id.width === TILE_WIDTH ? null : await reader.read(tilePath(full), maxBytes);
  if (fullBytes === null) throw missing(tilePath(id));
  return { id: full, bytes: fullBytes };
}

function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function missing(what: string): TlogError {
  return new TlogError(
    'TLOG_TILE_MISSING',
    `cannot read ${what}: it is not there; restore the log from a copy`,
    { details: { tile: what } },
  );
}

function unreadable(what: string, cause: unknown): TlogError {
  return new TlogError(
    'TLOG_READ_FAILED',
    `cannot read ${what}: the storage or the server failed; try again`,
    { cause, details: { path: what } },
  );
}

function tooLarge(what: string, maxBytes: number): TlogError {
  return new TlogError(
    'TLOG_READ_FAILED',
    `cannot read ${what}: it is larger than ${maxBytes} bytes; it is not a file of a log`,
    { details: { path: what } },
  );
}
