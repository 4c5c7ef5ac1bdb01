/**
 * How the keyless verifier refuses: one sentence, one code.
 *
 * @module
 */
import { ArtifactError } from '../errors.ts';
import type { ArtifactErrorCode } from '../errors.ts';

export function keylessError(code: ArtifactErrorCode, why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    code,
    `cannot trust the keyless signature: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
