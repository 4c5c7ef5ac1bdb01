/**
 * What a shadow run hands to the gateway and what it gets back: numbers about pairs, never text.
 *
 * @module
 */
import type { EvaluatorIdentity } from '@proofmark/evals';

import type { Upstream } from '../config.ts';

/** A candidate that gets copies of a route's requests. It never answers a client. */
export interface ShadowLane {
  /** Names the run in every pair. */
  readonly runId: string;
  /** Manifest digest of the live model that the run compares with; pairs with another are not made. */
  readonly liveManifestDigest: string;
  /** Where the candidate's own server is. */
  readonly upstream: Upstream;
  /** Share of sessions that are copied, above 0 and at most 1. */
  readonly share: number;
  readonly limits?: Partial<ShadowLimits>;
}

export interface ShadowLimits {
  /** Requests at the candidate at the same time. */
  readonly inFlight: number;
  /** Requests that wait for their live answer or for the candidate; further ones are dropped. */
  readonly queued: number;
  /** Bytes of the bodies that wait. */
  readonly queuedBytes: number;
  /** Milliseconds until the first bytes of the candidate's answer, and between two pieces. */
  readonly firstByteMs: number;
  /** Milliseconds for the candidate's whole answer. */
  readonly totalMs: number;
  readonly responseBytes: number;
}

export const SHADOW_LIMITS: ShadowLimits = Object.freeze({
  inFlight: 2,
  queued: 64,
  queuedBytes: 16 * 1024 * 1024,
  firstByteMs: 15_000,
  totalMs: 60_000,
  responseBytes: 4 * 1024 * 1024,
});

/** One request that both models were asked, scored by the same evaluators. */
export interface ShadowPair {
  readonly runId: string;
  readonly routeId: string;
  /** Keyed hash of the session, 64 hex characters: the unit of evidence. */
  readonly session: string;
  readonly atMs: number;
  /** False when the candidate gave no answer that a client could have been sent. */
  readonly answered: boolean;
  /** Code of what went wrong; empty when it answered. */
  readonly problem: string;
  readonly scores: readonly PairScore[];
}

/** A score is null when the evaluator could not judge. A candidate without an answer scores 0. */
export interface PairScore {
  readonly evaluator: EvaluatorIdentity;
  readonly live: number | null;
  readonly candidate: number | null;
}

/** Where pairs go. Must not throw and must not wait. */
export interface ShadowSink {
  pair(pair: ShadowPair): void;
  /** Copies that were not made or not finished, so that no run looks larger than it was. */
  dropped(runId: string, copies: number): void;
}

export interface ShadowStats {
  readonly mirrored: number;
  readonly dropped: number;
  readonly waiting: number;
}
