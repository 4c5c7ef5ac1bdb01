/**
 * Random access to an open file, for the readers of headers. The caller closes the descriptor.
 *
 * @module
 */
import { fstatSync, readSync } from 'node:fs';

import { ArtifactError } from '../errors.ts';
import type { ByteSource } from '../scan/byte-source.ts';

/** @throws {ArtifactError} ARTIFACT_CHANGED on reading, when the file became shorter */
export function fileSource(fd: number): ByteSource {
  const sizeBytes = fstatSync(fd).size;
  return {
    sizeBytes,
    read(offset, length) {
      const buffer = new Uint8Array(Math.max(0, Math.min(length, sizeBytes - offset)));
      for (let done = 0; done < buffer.length;) {
        const count = readSync(fd, buffer, done, buffer.length - done, offset + done);
        if (count === 0) {
          throw new ArtifactError('ARTIFACT_CHANGED', 'cannot read the file: it became shorter');
        }
        done += count;
      }
      return buffer;
    },
  };
}
