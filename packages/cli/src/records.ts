/**
 * Promotion records by their place in the log.
 *
 * @module
 */
import { parseEnvelope } from '@proofmark/core';
import type { Envelope } from '@proofmark/core';
import type { RecordRow, Registry } from '@proofmark/registry';

import { CliError } from './errors.ts';

/** The record at an entry of the log. @throws {CliError} CLI_STEP_FAILED */
export async function recordAt(registry: Registry, logIndex: number): Promise<Envelope> {
  const { digest } = await recordRowAt(registry, logIndex);
  const text = await registry.store.document(digest);
  if (text === null) throw missing(logIndex);
  return parseEnvelope(text);
}

/** @throws {CliError} CLI_STEP_FAILED */
export async function recordRowAt({ store }: Registry, logIndex: number): Promise<RecordRow> {
  const [row] = await store.records({ before: logIndex + 1, limit: 1 });
  if (row?.logIndex !== logIndex) throw missing(logIndex);
  return row;
}

function missing(logIndex: number): CliError {
  return new CliError(
    'CLI_STEP_FAILED',
    `cannot find the promotion record at entry ${logIndex} of the log; restore the registry from a backup`,
  );
}
