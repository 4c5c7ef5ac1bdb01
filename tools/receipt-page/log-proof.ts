/**
 * Is an entry in the log? A `.tlog-proof` (c2sp.org/tlog-proof) with its signed checkpoint.
 *
 * @module
 */
import { concat, fromBase64, hex, isCount, leafHash, rootOf, sha256, utf8 } from './bytes.ts';
import type { Bytes, Key } from './bytes.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_HASHES = 64;
const ED25519 = 1;
const HASH_BYTES = 32;
/** Bytes of a key id before the signature. */
const ID_BYTES = 4;

interface Checkpoint {
  readonly size: number;
  readonly root: Bytes;
}

/** The place of `entry` in the log, or null when the proof does not hold. */
export async function placeInLog(proof: string, entry: Bytes, log: Log): Promise<number | null> {
  const end = proof.indexOf('\n\n');
  const path = readPath(proof.slice(0, Math.max(0, end)));
  const checkpoint = await openCheckpoint(proof.slice(end + 2), log);
  if (path === null || checkpoint === null) return null;
  const { index, hashes } = path;
  const root = await rootOf(await leafHash(entry), index, checkpoint.size, hashes);
  return root !== null && hex(root) === hex(checkpoint.root) ? index : null;
}

interface Log {
  readonly origin: string;
  readonly key: Key;
}

function readPath(text: string): { readonly index: number; readonly hashes: Bytes[] } | null {
  const [header, ...lines] = text.split('\n');
  if (lines[0]?.startsWith('extra ') === true) lines.shift();
  const index = readCount(/^index (\S+)$/.exec(lines.shift() ?? '')?.[1]);
  const hashes = lines
    .map(fromBase64)
    .flatMap((hash) => (hash?.length === HASH_BYTES ? [hash] : []));
  const isWhole = header === HEADER && hashes.length === lines.length && lines.length <= MAX_HASHES;
  return index !== null && isWhole ? { index, hashes } : null;
}

/** A checkpoint that the log signed under its own origin (c2sp.org/signed-note), or null. */
async function openCheckpoint(note: string, log: Log): Promise<Checkpoint | null> {
  const separator = note.lastIndexOf('\n\n');
  if (separator < 0 || !note.endsWith('\n')) return null;
  const text = note.slice(0, separator + 1);
  const [name, sizeLine, rootLine] = text.split('\n');
  const [size, root] = [readCount(sizeLine), fromBase64(rootLine)];
  if (name !== log.origin || size === null || root?.length !== HASH_BYTES) return null;
  const isSigned = await isSignedBy(log, text, note.slice(separator + 2, -1).split('\n'));
  return isSigned ? { size, root } : null;
}

/** One signature of the log at least, and none of it that is false. */
async function isSignedBy(
  { origin, key }: Log,
  text: string,
  lines: readonly string[],
): Promise<boolean> {
  const named = await sha256(concat(utf8(`${origin}\n`), Uint8Array.of(ED25519), key.raw));
  const id = hex(named.slice(0, ID_BYTES));
  const signatures = lines.map((line) => /^\u2014 (\S+) (\S+)$/u.exec(line) ?? []);
  let isSigned = false;
  for (const [, signer, encoded] of signatures) {
    const bytes = fromBase64(encoded);
    if (bytes === null || signer === undefined) return false;
    if (signer !== origin || hex(bytes.slice(0, ID_BYTES)) !== id) continue;
    if (!(await key.verify(utf8(text), bytes.slice(ID_BYTES)))) return false;
    isSigned = true;
  }
  return isSigned;
}

function readCount(text: string | undefined): number | null {
  const value = /^(?:0|[1-9]\d{0,15})$/.test(text ?? '') ? Number(text) : Number.NaN;
  return isCount(value) ? value : null;
}
