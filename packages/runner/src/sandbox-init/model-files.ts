/**
 * Hashes the model folder as a process inside the sandbox reads it.
 *
 * The supervisor compares the result with the verified manifest: evidence that the mounts show the
 * promoted bytes, for servers that do not report what they loaded.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, readdirSync } from 'node:fs';

const CHUNK_BYTES = 1 << 20;

/** SHA-256 by path relative to `folder`, `/`-separated. */
export function hashModelFiles(folder: string): Readonly<Record<string, string>> {
  const digests: Record<string, string> = {};
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = `${entry.parentPath}/${entry.name}`;
    digests[file.slice(folder.length + 1)] = hashFile(file, buffer);
  }
  return digests;
}

function hashFile(file: string, buffer: Buffer): string {
  const fd = openSync(file, 'r');
  try {
    const hash = createHash('sha256');
    for (;;) {
      const count = readSync(fd, buffer, 0, buffer.length, null);
      if (count === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
}
