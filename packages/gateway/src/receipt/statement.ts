/**
 * What a receipt says: the in-toto statement of one response (docs/spec/receipt.md).
 *
 * The statement binds request and response digests to the model version, the promotion, the policy,
 * the gateway configuration and every guardrail verdict. It holds no content. A random salt makes
 * its hash unguessable, so that the log tells a reader nothing.
 *
 * The payload is canonical JSON (RFC 8785): the objects below are written with their keys in
 * canonical order, which a property test compares with `canonicalJson`.
 *
 * @module
 */
import { STATEMENT_TYPE } from '@proofmark/core';
import type { EvaluatorIdentity, GuardrailStage, Outcome } from '@proofmark/evals';

export const RECEIPT_PREDICATE_TYPE = 'urn:proofmark:receipt:v1';

/**
 * `answered`: the client was sent the whole answer of the model. `blocked`: a guardrail refused.
 * `failed`: the model or the gateway failed. `interrupted`: the client left before the end.
 * `unknown`: the gateway died while answering; the response digest was never known.
 */
export type ReceiptOutcome = 'answered' | 'blocked' | 'failed' | 'interrupted' | 'unknown';

/**
 * How sure the gateway was of the model's bytes. `configured`: a name in a file.
 * `verified-at-load`: the sandbox hashed the bytes it loaded and they were the promoted ones.
 */
export type EvidenceLevel = 'configured' | 'verified-at-load';

/** All checks of one guardrail during one exchange. */
export interface GuardrailSummary {
  readonly id: string;
  readonly stage: GuardrailStage;
  /** How many texts it examined. */
  readonly checks: number;
  /** The worst of them: `error`, then `fail`, then `pass`. */
  readonly outcome: Outcome;
  /** The strictest action that followed. */
  readonly action: 'allow' | 'flag' | 'redact' | 'block';
  readonly evaluator: EvaluatorIdentity;
}

/** A place of the request or the response whose text a guardrail changed. */
export interface Transformation {
  readonly guardrail: string;
  readonly kind: 'redact';
  /** Such as `messages[1].content`. */
  readonly where: string;
}

export interface ResponseFacts {
  /** SHA-256 of the exact body bytes; for a stream without the closing comment line. */
  readonly digest: string;
  readonly status: number;
  /** For a stream: how many events, and the head of their hash chain. */
  readonly stream: { readonly chain: string; readonly events: number } | null;
}

export interface ReceiptModel {
  readonly name: string;
  readonly version: string;
  readonly manifestDigest: string;
  readonly omsRoot: string;
}

/** What is known before the model answers. */
export interface RequestFacts {
  readonly id: string;
  /** 32 hex characters. */
  readonly salt: string;
  readonly startedAtMs: number;
  readonly traceId: string;
  /** HMAC of the tenant's id under a secret of the gateway. */
  readonly tenant: string;
  readonly route: string;
  readonly model: ReceiptModel;
  readonly promotion: { readonly index: number; readonly policyDigest: string };
  readonly configDigest: string;
  readonly promptVersion: string | null;
  readonly evidenceLevel: EvidenceLevel;
  /** SHA-256 of the exact request body. */
  readonly requestDigest: string;
  /** SHA-256 over the retrieved texts (tool results, documents), null without any. */
  readonly contextDigest: string | null;
  /** Evaluators that score this route's answers after they are sent. */
  readonly evaluators: readonly EvaluatorIdentity[];
}

export interface ReceiptFacts extends RequestFacts {
  readonly issuedAtMs: number;
  readonly outcome: ReceiptOutcome;
  /** Null only when the outcome is `unknown`. */
  readonly response: ResponseFacts | null;
  readonly guardrails: readonly GuardrailSummary[];
  readonly transformations: readonly Transformation[];
}

/** The statement as canonical JSON. Text fields must be well-formed Unicode. */
export function receiptPayload(facts: ReceiptFacts): string {
  const digest =
    facts.response === null ? { request: facts.requestDigest } : { sha256: facts.response.digest };
  return JSON.stringify({
    _type: STATEMENT_TYPE,
    predicate: predicateOf(facts),
    predicateType: RECEIPT_PREDICATE_TYPE,
    subject: [{ digest, name: facts.id }],
  });
}

/** Keys in UTF-16 order, as RFC 8785 wants them. */
function predicateOf(facts: ReceiptFacts): object {
  return {
    configDigest: facts.configDigest,
    contextDigest: facts.contextDigest,
    evaluators: facts.evaluators.map(identityOf),
    evidenceLevel: facts.evidenceLevel,
    guardrails: facts.guardrails.map((g) => ({
      action: g.action,
      checks: g.checks,
      evaluator: identityOf(g.evaluator),
      id: g.id,
      outcome: g.outcome,
      stage: g.stage,
    })),
    id: facts.id,
    issuedAtMs: facts.issuedAtMs,
    model: {
      manifestDigest: facts.model.manifestDigest,
      name: facts.model.name,
      omsRoot: facts.model.omsRoot,
      version: facts.model.version,
    },
    outcome: facts.outcome,
    promotion: { index: facts.promotion.index, policyDigest: facts.promotion.policyDigest },
    promptVersion: facts.promptVersion,
    requestDigest: facts.requestDigest,
    response: facts.response === null ? null : responseOf(facts.response),
    route: facts.route,
    salt: facts.salt,
    startedAtMs: facts.startedAtMs,
    tenant: facts.tenant,
    traceId: facts.traceId,
    transformations: facts.transformations.map((t) => ({
      guardrail: t.guardrail,
      kind: t.kind,
      where: t.where,
    })),
  };
}

function responseOf(response: ResponseFacts): object {
  const { stream } = response;
  return {
    digest: response.digest,
    status: response.status,
    stream: stream === null ? null : { chain: stream.chain, events: stream.events },
  };
}

function identityOf(evaluator: EvaluatorIdentity): EvaluatorIdentity {
  return { configDigest: evaluator.configDigest, id: evaluator.id, version: evaluator.version };
}
