/**
 * What a receipt says: the in-toto statement of one response (docs/spec/receipt.md).
 *
 * The statement binds request and response digests to the model version, the promotion, the policy,
 * the gateway configuration and every guardrail verdict. It holds no content. A random salt makes
 * its hash unguessable, so that the log tells a reader nothing.
 *
 * The payload is canonical JSON (RFC 8785): every object below is written with its keys in canonical
 * order, which a property test compares with `canonicalJson`.
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
 * How sure the gateway was of the model's bytes. `configured`: a name in a file, of a hosted release too.
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

/**
 * The statement as canonical JSON. Text fields must be well-formed Unicode, numbers finite.
 *
 * Written as text, in one piece: a receipt is made on every response, and an object built only to be
 * walked again costs twice as much.
 */
export function receiptPayload(facts: ReceiptFacts): string {
  const { requestDigest, response, promotion } = facts;
  const id = inner(facts.id);
  const digest =
    response === null
      ? `{"request":"${inner(requestDigest)}"}`
      : `{"sha256":"${inner(response.digest)}"}`;
  return (
    `{"_type":"${STATEMENT_TYPE}","predicate":{` +
    `"configDigest":"${inner(facts.configDigest)}","contextDigest":${quotedOrNull(facts.contextDigest)},` +
    `"evaluators":[${listed(facts.evaluators, identityText)}],` +
    `"evidenceLevel":"${inner(facts.evidenceLevel)}",` +
    `"guardrails":[${listed(facts.guardrails, guardrailText)}],` +
    `"id":"${id}","issuedAtMs":${facts.issuedAtMs},"model":${modelText(facts.model)},` +
    `"outcome":"${inner(facts.outcome)}",` +
    `"promotion":${promotionText(promotion)},` +
    `"promptVersion":${quotedOrNull(facts.promptVersion)},"requestDigest":"${inner(requestDigest)}",` +
    `"response":${response === null ? 'null' : responseText(response)},` +
    `"route":"${inner(facts.route)}","salt":"${inner(facts.salt)}",` +
    `"startedAtMs":${facts.startedAtMs},"tenant":"${inner(facts.tenant)}",` +
    `"traceId":"${inner(facts.traceId)}",` +
    `"transformations":[${listed(facts.transformations, transformationText)}]` +
    `},"predicateType":"${RECEIPT_PREDICATE_TYPE}","subject":[{"digest":${digest},"name":"${id}"}]}`
  );
}

function guardrailText({
  action,
  checks,
  evaluator,
  id,
  outcome,
  stage,
}: GuardrailSummary): string {
  return `{"action":"${inner(action)}","checks":${checks},"evaluator":${identityText(evaluator)},"id":"${inner(id)}","outcome":"${inner(outcome)}","stage":"${inner(stage)}"}`;
}

const modelText = kept(({ manifestDigest, name, omsRoot, version }: ReceiptModel): string => {
  return `{"manifestDigest":"${inner(manifestDigest)}","name":"${inner(name)}","omsRoot":"${inner(omsRoot)}","version":"${inner(version)}"}`;
});

const promotionText = kept(({ index, policyDigest }: ReceiptFacts['promotion']): string => {
  return `{"index":${index},"policyDigest":"${inner(policyDigest)}"}`;
});

function responseText({ digest, status, stream }: ResponseFacts): string {
  const events =
    stream === null ? 'null' : `{"chain":"${inner(stream.chain)}","events":${stream.events}}`;
  return `{"digest":"${inner(digest)}","status":${status},"stream":${events}}`;
}

function transformationText({ guardrail, kind, where }: Transformation): string {
  return `{"guardrail":"${inner(guardrail)}","kind":"${inner(kind)}","where":"${inner(where)}"}`;
}

const identityText = kept(({ configDigest, id, version }: EvaluatorIdentity): string => {
  return `{"configDigest":"${inner(configDigest)}","id":"${inner(id)}","version":"${inner(version)}"}`;
});

function listed<Item>(items: readonly Item[], textOf: (item: Item) => string): string {
  let text = '';
  for (const item of items) text += text === '' ? textOf(item) : `,${textOf(item)}`;
  return text;
}

/** Nothing here needs an escape: digests, ids and most names. */
const PLAIN = /^[\w .:/-]*$/;

/** What stands between the quotes of a JSON string. */
function inner(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text).slice(1, -1);
}

function quotedOrNull(text: string | null): string {
  return text === null ? 'null' : `"${inner(text)}"`;
}

/**
 * `textOf`, which remembers what it wrote for an object that can never say anything else: what a route
 * serves and what judges there is in every receipt of the route.
 */
function kept<Item extends object>(textOf: (item: Item) => string): (item: Item) => string {
  const texts = new WeakMap<Item, string>();
  return (item) => {
    const known = texts.get(item);
    if (known !== undefined) return known;
    const text = textOf(item);
    if (Object.isFrozen(item)) texts.set(item, inOnePiece(text));
    return text;
  };
}

/** The same text; a sum of strings is otherwise put together anew in every text that it is part of. */
function inOnePiece(text: string): string {
  return Buffer.from(text).toString();
}
