/**
 * A receipt with what a stranger needs to verify it, and the policy that says whom to believe: one
 * JSON file each, no secret, no content. The policy comes from a source of the verifier's own.
 *
 * ```
 * {"format":"proofmark-receipt/1","origin":...,"proof":...,"receipt":{...},"record":{...}}
 * {"format":"proofmark-receipt-policy/1","origin":...,"receiptKeys":[PEM],"logKey":PEM,"controlKeys":[PEM]}
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

const POLICY_FORMAT = 'proofmark-receipt-policy/1';

/** Whom a verifier of receipts believes; keys as PEM. */
export interface ReceiptPolicyFile {
  /** Origin of the log. */
  readonly origin: string;
  readonly receiptKeys: readonly string[];
  readonly logKey: string;
  readonly controlKeys: readonly string[];
}

export function writeReceiptPolicy(policy: ReceiptPolicyFile): string {
  return `${JSON.stringify({ format: POLICY_FORMAT, ...policy }, null, 2)}\n`;
}

/** The verifier's own file, still checked. @throws {CliError} CLI_INPUT_UNREADABLE */
export function readReceiptPolicy(text: string): ReceiptPolicyFile {
  try {
    const value = (parseStrictJson(text) ?? {}) as Readonly<Record<string, Json | undefined>>;
    const { format, origin, receiptKeys, logKey, controlKeys } = value;
    if (
      format === POLICY_FORMAT &&
      typeof origin === 'string' &&
      typeof logKey === 'string' &&
      isTexts(receiptKeys) &&
      isTexts(controlKeys)
    ) {
      return { origin, receiptKeys, logKey, controlKeys };
    }
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
  }
  throw new CliError(
    'CLI_INPUT_UNREADABLE',
    'cannot read the policy: it is not what proofmark receipt policy writes',
  );
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
