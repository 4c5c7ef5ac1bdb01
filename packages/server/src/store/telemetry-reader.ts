/**
 * Rows of telemetry.db as the shapes that the store gives out.
 *
 * @module
 */
import type { Span } from '@proofmark/trace';

import type { Row } from './row.ts';
import { integer, integerOrNull, real, text, word } from './row.ts';
import type { AlertRow, LedgerRow, ReceiptRow, ScoreSummary } from './telemetry-row.ts';

/** Written by `writeSpans` and by nothing else. */
export function readSpan(row: Row): Span {
  return JSON.parse(text(row, 'span')) as Span;
}

export function readSummary(row: Row): ScoreSummary {
  return {
    route: text(row, 'route'),
    lane: text(row, 'lane'),
    modelName: text(row, 'model_name'),
    modelVersion: text(row, 'model_version'),
    evaluatorId: text(row, 'evaluator_id'),
    evaluatorVersion: text(row, 'evaluator_version'),
    configDigest: text(row, 'config_digest'),
    count: integer(row, 'n'),
    passed: integer(row, 'passed'),
    failed: integer(row, 'failed'),
    errors: integer(row, 'errors'),
    severe: integer(row, 'severe'),
    meanScore: row['mean_score'] === null ? null : real(row, 'mean_score'),
  };
}

export function readReceipt(row: Row): ReceiptRow {
  return {
    responseId: text(row, 'response_id'),
    route: text(row, 'route'),
    modelName: text(row, 'model_name'),
    modelVersion: text(row, 'model_version'),
    manifestDigest: text(row, 'manifest_digest'),
    tenantHash: text(row, 'tenant_hash'),
    envelope: text(row, 'envelope'),
    entryDigest: text(row, 'entry_digest'),
    logIndex: integerOrNull(row, 'log_index'),
    issuedAtMs: integer(row, 'issued_at_ms'),
  };
}

export function readAlert(row: Row): AlertRow {
  return {
    fingerprint: text(row, 'fingerprint'),
    rule: text(row, 'rule'),
    severity: text(row, 'severity'),
    state: text(row, 'state'),
    owner: text(row, 'owner'),
    labels: JSON.parse(text(row, 'labels')) as Readonly<Record<string, string>>,
    summary: text(row, 'summary'),
    startsAtMs: integer(row, 'starts_at_ms'),
    updatedAtMs: integer(row, 'updated_at_ms'),
  };
}

const LEDGER_OUTCOMES = ['answered', 'blocked', 'failed'] as const;

export function readLedger(row: Row): LedgerRow {
  return {
    responseId: text(row, 'response_id'),
    route: text(row, 'route'),
    modelName: text(row, 'model_name'),
    modelVersion: text(row, 'model_version'),
    tenantHash: text(row, 'tenant_hash'),
    traceId: text(row, 'trace_id'),
    outcome: word(row, 'outcome', LEDGER_OUTCOMES),
    atMs: integer(row, 'at_ms'),
  };
}
