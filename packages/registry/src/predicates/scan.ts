/**
 * Scan evidence: in-toto SCAI v0.3 with one attribute that carries the verdict.
 *
 * The attribute's `conditions` say how much was looked at, so that a scan of half the files cannot
 * pass for a scan; its `evidence` pins the full report by digest. Layout: docs/spec/evidence.md.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { isoTime } from '@proofmark/core';

import type { Fields } from '../json-fields.ts';

export const SCAN_PREDICATE_TYPE = 'https://in-toto.io/attestation/scai/v0.3';

export type ScanOutcome = 'pass' | 'fail' | 'error';

export interface ScanPredicate {
  /** `error`: at least one file could not be judged. Never a pass. */
  readonly outcome: ScanOutcome;
  readonly scanner: {
    readonly name: string;
    readonly version: string;
    readonly rulesDigest: string;
  };
  readonly filesScanned: number;
  readonly bytesScanned: number;
  readonly findings: {
    readonly critical: number;
    readonly high: number;
    readonly medium: number;
    readonly low: number;
  };
  /** SHA-256 of the full report. */
  readonly reportDigest: string;
  readonly finishedAtMs: number;
}

const ATTRIBUTES = {
  pass: 'MODEL_SCAN_PASSED',
  fail: 'MODEL_SCAN_FAILED',
  error: 'MODEL_SCAN_ERROR',
} as const satisfies Record<ScanOutcome, string>;

export function buildScan(scan: ScanPredicate): JsonObject {
  return {
    attributes: [
      {
        attribute: ATTRIBUTES[scan.outcome],
        conditions: {
          filesScanned: scan.filesScanned,
          bytesScanned: scan.bytesScanned,
          findings: { ...scan.findings },
          finishedAt: isoTime(scan.finishedAtMs),
        },
        evidence: { name: 'scan-report', digest: { sha256: scan.reportDigest } },
      },
    ],
    producer: {
      name: scan.scanner.name,
      digest: { sha256: scan.scanner.rulesDigest },
      annotations: { version: scan.scanner.version },
    },
  };
}

export function readScan(predicate: Fields): ScanPredicate {
  const attributes = predicate.list('attributes', readAttribute, 16);
  const [attribute] = attributes;
  if (attribute === undefined || attributes.length !== 1) {
    throw predicate.refuse('attributes', 'exactly one attribute was expected');
  }
  const producer = predicate.object('producer');
  return {
    ...attribute,
    scanner: {
      name: producer.text('name', { max: 128 }),
      version: producer.object('annotations').text('version', { max: 128 }),
      rulesDigest: producer.object('digest').digest('sha256'),
    },
  };
}

function readAttribute(fields: Fields): Omit<ScanPredicate, 'scanner'> {
  const named = fields.oneOf('attribute', Object.values(ATTRIBUTES));
  const outcome = named === ATTRIBUTES.pass ? 'pass' : named === ATTRIBUTES.fail ? 'fail' : 'error';
  const conditions = fields.object('conditions');
  const findings = conditions.object('findings');
  const evidence = fields.object('evidence');
  return {
    outcome,
    filesScanned: conditions.count('filesScanned'),
    bytesScanned: conditions.count('bytesScanned'),
    findings: {
      critical: findings.count('critical'),
      high: findings.count('high'),
      medium: findings.count('medium'),
      low: findings.count('low'),
    },
    reportDigest: evidence.object('digest').digest('sha256'),
    finishedAtMs: conditions.time('finishedAt'),
  };
}
