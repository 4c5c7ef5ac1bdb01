/**
 * Which exit code an error ends the command with.
 *
 * A refusal by the system's own judgement (a signature that does not verify, a gate that denies) is
 * 1; everything that kept the command from judging is 2. When in doubt 2: scripts treat both as
 * failure, and 1 claims that a judgement was made.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

import type { ExitCode } from './context.ts';

const USAGE: ReadonlySet<string> = new Set(['CLI_USAGE']);

/** Endings of codes that state a judgement about the input rather than a failure to run. */
const REFUSED =
  /_(?:INVALID|MISMATCH|DENIED|REFUSED|CONFLICT|UNTRUSTED|TAMPERED|EXPIRED|REVOKED|UNSUPPORTED|ESCAPES_ROOT|EXISTS|STALE_STAGE|MISSING|EXTRA|CHANGED|NOT_FOUND|PROTECTED|MOVED|FLOATING|EVIDENCE_(?:TRUNCATED|REORDERED|UNSIGNED))$/;
const COULD_NOT_RUN: ReadonlySet<string> = new Set(['CLI_CONFIG_INVALID', 'CLI_STEP_FAILED']);

export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof CodedError)) return 2;
  if (USAGE.has(error.code)) return 4;
  if (COULD_NOT_RUN.has(error.code)) return 2;
  return REFUSED.test(error.code) ? 1 : 2;
}
