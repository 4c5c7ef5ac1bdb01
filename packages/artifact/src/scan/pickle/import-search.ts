/**
 * Looks for imports in bytes that the pickle machine could not follow.
 *
 * A second net, never the judge: behind a broken point or behind STOP the machine has no state, but
 * another reader may come there. Only imports of modules that are known to run code are named, so
 * that prose and tensor bytes are not.
 *
 * @module
 */
import type { ByteSource } from '../byte-source.ts';
import { latin1 } from '../byte-source.ts';
import { knownEffect } from './known-effect.ts';

export interface FoundImport {
  readonly module: string;
  readonly name: string;
  readonly offset: number;
}

const CHUNK_BYTES = 1 << 20;
const OVERLAP_BYTES = 512;
const MAX_FOUND = 16;
const PATTERNS: readonly RegExp[] = [
  /[ci]([A-Za-z_][\w.]{0,127})\n([A-Za-z_][\w.]{0,127})\n/g,
  /(?:[\x8cU][\s\S]|X[\s\S]{4})([A-Za-z_][\w.]{0,127})(?:\x94|q[\s\S])?(?:[\x8cU][\s\S]|X[\s\S]{4})([A-Za-z_][\w.]{0,127})(?:\x94|q[\s\S])?\x93/g,
];

/** Imports between two offsets, at most `maxBytes` of them looked at. */
export function searchImports(
  source: ByteSource,
  start: number,
  maxBytes: number = 16 * CHUNK_BYTES,
): FoundImport[] {
  const found = new Map<string, FoundImport>();
  const end = Math.min(source.sizeBytes, start + maxBytes);
  for (let at = start; at < end; at += CHUNK_BYTES) {
    const text = latin1(source.read(at, Math.min(CHUNK_BYTES + OVERLAP_BYTES, end - at)));
    for (const pattern of PATTERNS) {
      for (const match of text.matchAll(pattern)) {
        const [, module = '', name = ''] = match;
        if (knownEffect(module) === null || found.size >= MAX_FOUND) continue;
        found.set(`${module}:${name}`, { module, name, offset: at + match.index });
      }
    }
  }
  return [...found.values()];
}
