/**
 * Promotion records by their place in the log.
 *
 * @module
 */
import { parseEnvelope } from '@proofmark/core';
import type { Envelope } from '@proofmark/core';
import type { Registry } from '@proofmark/registry';

import { CliError } from './errors.ts';

/** The record at an entry of the log. @throws {CliError} CLI_STEP_FAILED */
export async function recordAt({ store }: Registry, logIndex: number): Promise<Envelope> {
  const [row] = await store.records({ before: logIndex + 1, limit: 1 });
  const text = row?.logIndex === logIndex ? await store.document(row.digest) : null;
  if (text !== null) return parseEnvelope(text);
  throw new CliError(
    'CLI_STEP_FAILED',
    `cannot find the promotion record at entry ${logIndex} of the log; restore the registry from a backup`,
  );
}
