/**
 * Between the gateway and the telemetry store: receipts, spans, scores and the request ledger, each
 * in the store's own shape.
 *
 * @module
 */
import { tenantPseudonym } from '@proofmark/gateway';
import type {
  Ledger as GatewayLedger,
  LedgerRow as GatewayLedgerRow,
  ScoreRow as GatewayScoreRow,
} from '@proofmark/gateway';
import type { ReceiptSink } from '@proofmark/gateway/receipt';
import type { LedgerRow, ScoreRow, TelemetryStore } from '@proofmark/server';
import type { Span, SpanExporter } from '@proofmark/trace';

import { createBatchWriter } from './batch-writer.ts';
import { fromReceiptRow, receiptRows } from './receipt-rows.ts';

/** Receipts in the telemetry store; durable when `put` resolves. */
export function receiptSink(store: TelemetryStore): ReceiptSink {
  return {
    put: (receipts) => store.writeReceipts(receiptRows(receipts)),
    async get(id) {
      const row = await store.receipt(id);
      return row === null ? null : fromReceiptRow(row);
    },
  };
}

/** Spans of the gateway in the telemetry store. */
export function spanExporter(store: TelemetryStore): SpanExporter {
  return {
    async export(spans) {
      await store.writeSpans(
        spans.map((span) => ({ source: 'gateway', tenantHash: tenantOf(span), span })),
      );
      return { rejectedSpans: 0 };
    },
  };
}

/** Empty for a request of nobody known. */
function tenantOf({ attributes }: Span): string {
  const tenant = attributes['proofmark.tenant'];
  return typeof tenant === 'string' ? tenant : '';
}

export interface TelemetryWriters {
  readonly ledger: GatewayLedger;
  readonly onScore: (row: GatewayScoreRow) => void;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function telemetryWriters(
  store: TelemetryStore,
  options: {
    readonly secret: Uint8Array;
    readonly onLoss: (lost: number, why: string) => void;
    /** Sees every row as the gateway made it, for run-time rules. */
    readonly onLedger: (row: GatewayLedgerRow) => void;
  },
): TelemetryWriters {
  const { secret, onLoss, onLedger } = options;
  const ledger = createBatchWriter<LedgerRow>({ write: (r) => store.writeLedger(r), onLoss });
  const scores = createBatchWriter<ScoreRow>({ write: (r) => store.writeScores(r), onLoss });
  return {
    ledger: {
      record(row) {
        onLedger(row);
        if (row.route !== null) ledger.add(toLedgerRow(row, row.route, secret));
      },
    },
    onScore: (row) => scores.add(toScoreRow(row)),
    async flush() {
      await Promise.all([ledger.flush(), scores.flush()]);
    },
    async close() {
      await Promise.all([ledger.close(), scores.close()]);
    },
  };
}

function toLedgerRow(
  row: GatewayLedgerRow,
  route: NonNullable<GatewayLedgerRow['route']>,
  secret: Uint8Array,
): LedgerRow {
  const { outcome } = row;
  return {
    responseId: row.id,
    route: route.id,
    modelName: route.model,
    modelVersion: route.version,
    tenantHash: tenantPseudonym(secret, row.tenantId),
    traceId: row.traceId,
    outcome: outcome === 'answered' || outcome === 'blocked' ? outcome : 'failed',
    atMs: row.startedAtMs,
  };
}

function toScoreRow(row: GatewayScoreRow): ScoreRow {
  const { result } = row;
  return {
    route: row.routeId,
    lane: 'live',
    modelName: row.model.name,
    modelVersion: row.model.version,
    evaluatorId: result.evaluator.id,
    evaluatorVersion: result.evaluator.version,
    configDigest: result.evaluator.configDigest,
    outcome: result.outcome,
    score: result.score,
    severity: result.severity,
    traceId: row.traceId,
    atMs: row.atMs,
  };
}
