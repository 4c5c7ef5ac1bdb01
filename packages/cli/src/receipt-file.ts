/**
 * A receipt with what a stranger needs to verify it: one JSON file, no secret, no content.
 *
 * ```
 * {"format":"proofmark-receipt/1","origin":...,"proof":...,"receipt":{...},"record":{...}}
 * ```
 *
 * @module
 */
import { CoreError, canonicalJson, parseStrictJson } from '@proofmark/core';
import type { Envelope, Json } from '@proofmark/core';
import type { Receipt } from '@proofmark/gateway/receipt';

import { CliError } from './errors.ts';

const FORMAT = 'proofmark-receipt/1';

export interface ReceiptFile {
  /** To be read by `parseReceipt`. */
  readonly receipt: Json;
  /** `.tlog-proof` of the receipt's batch. */
  readonly proof: string;
  /** Origin of the log. */
  readonly origin: string;
  /** The promotion record, to be read by `parseEnvelope`. */
  readonly record: Json;
}

export function writeReceiptFile(file: {
  readonly receipt: Receipt;
  readonly proof: string;
  readonly origin: string;
  readonly record: Envelope;
}): string {
  return canonicalJson({ format: FORMAT, ...file });
}

/** Attacker-controlled until `verifyReceipt` returns. @throws {CliError} CLI_INPUT_UNREADABLE */
export function readReceiptFile(text: string): ReceiptFile {
  try {
    const value = parseStrictJson(text);
    const { format, receipt, proof, origin, record } = (value ?? {}) as Readonly<
      Record<string, Json | undefined>
    >;
    if (
      format === FORMAT &&
      typeof proof === 'string' &&
      typeof origin === 'string' &&
      receipt !== undefined &&
      record !== undefined
    ) {
      return { receipt, proof, origin, record };
    }
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
  }
  throw new CliError(
    'CLI_INPUT_UNREADABLE',
    'cannot read the receipt file: it is not what proofmark receipt export writes',
  );
}
