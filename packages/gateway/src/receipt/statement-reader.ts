/**
 * Reads the statement of a receipt back. Attacker-controlled until the batch signature over it is
 * verified; every field is checked either way, and an unknown field is refused, because a verifier
 * that skips what it does not know would show less than was signed.
 *
 * @module
 */
import { isSha256Hex, parseStatement } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';
import type { EvaluatorIdentity } from '@proofmark/evals';

import { GatewayError } from '../errors.ts';
import { isReceiptId } from '../ids.ts';
import { RECEIPT_PREDICATE_TYPE } from './statement.ts';
import type { GuardrailSummary, ReceiptFacts, ResponseFacts, Transformation } from './statement.ts';

const MAX_ITEMS = 10_000;

/** @throws {GatewayError} GATEWAY_RECEIPT_INVALID */
export function readReceiptPayload(payload: Uint8Array): ReceiptFacts {
  const statement = parse(payload);
  if (statement.predicateType !== RECEIPT_PREDICATE_TYPE) throw refuse('it is another statement');
  const facts = readPredicate(new Fields(statement.predicate, 'predicate'));
  const [subject] = statement.subject;
  const expected =
    facts.response === null ? { request: facts.requestDigest } : { sha256: facts.response.digest };
  if (
    statement.subject.length !== 1 ||
    subject?.name !== facts.id ||
    JSON.stringify(subject.digest) !== JSON.stringify(expected)
  ) {
    throw refuse('its subject is not the response that it describes');
  }
  return facts;
}

function parse(payload: Uint8Array): ReturnType<typeof parseStatement> {
  try {
    return parseStatement(payload);
  } catch (cause) {
    throw new GatewayError('GATEWAY_RECEIPT_INVALID', 'cannot read the receipt: no statement', {
      cause,
    });
  }
}

function readPredicate(f: Fields): ReceiptFacts {
  const facts: ReceiptFacts = {
    configDigest: f.digest('configDigest'),
    contextDigest: f.nullable('contextDigest', () => f.digest('contextDigest')),
    evaluators: f.list('evaluators').map(readEvaluator),
    evidenceLevel: f.oneOf('evidenceLevel', ['configured', 'verified-at-load']),
    guardrails: f.list('guardrails').map(readGuardrail),
    id: f.text('id'),
    issuedAtMs: f.count('issuedAtMs'),
    model: readModel(f.object('model')),
    outcome: f.oneOf('outcome', ['answered', 'blocked', 'failed', 'interrupted', 'unknown']),
    promotion: readPromotion(f.object('promotion')),
    promptVersion: f.nullable('promptVersion', () => f.text('promptVersion')),
    requestDigest: f.digest('requestDigest'),
    response: f.nullable('response', () => readResponse(f.object('response'))),
    route: f.text('route'),
    salt: f.text('salt'),
    startedAtMs: f.count('startedAtMs'),
    tenant: f.digest('tenant'),
    traceId: f.text('traceId'),
    transformations: f.list('transformations').map(readTransformation),
  };
  f.end();
  if (!isReceiptId(facts.id)) throw refuse('its id is not a receipt id');
  if (!/^[0-9a-f]{32}$/.test(facts.salt)) throw refuse('its salt is not 128 bits of hex');
  if ((facts.response === null) !== (facts.outcome === 'unknown')) {
    throw refuse('it must describe a response exactly when its outcome is known');
  }
  return facts;
}

function readModel(f: Fields): ReceiptFacts['model'] {
  const model = {
    manifestDigest: f.digest('manifestDigest'),
    name: f.text('name'),
    omsRoot: f.digest('omsRoot'),
    version: f.text('version'),
  };
  f.end();
  return model;
}

function readPromotion(f: Fields): ReceiptFacts['promotion'] {
  const promotion = { index: f.count('index'), policyDigest: f.digest('policyDigest') };
  f.end();
  return promotion;
}

function readResponse(f: Fields): ResponseFacts {
  const response: ResponseFacts = {
    digest: f.digest('digest'),
    status: f.count('status'),
    stream: f.nullable('stream', () => {
      const s = f.object('stream');
      const stream = { chain: s.digest('chain'), events: s.count('events') };
      s.end();
      return stream;
    }),
  };
  f.end();
  return response;
}

function readGuardrail(f: Fields): GuardrailSummary {
  const summary: GuardrailSummary = {
    action: f.oneOf('action', ['allow', 'flag', 'redact', 'block']),
    checks: f.count('checks'),
    evaluator: readEvaluator(f.object('evaluator')),
    id: f.text('id'),
    outcome: f.oneOf('outcome', ['pass', 'fail', 'error']),
    stage: f.oneOf('stage', ['input', 'tool_result', 'output']),
  };
  f.end();
  return summary;
}

function readEvaluator(f: Fields): EvaluatorIdentity {
  const identity = {
    configDigest: f.digest('configDigest'),
    id: f.text('id'),
    version: f.text('version'),
  };
  f.end();
  return identity;
}

function readTransformation(f: Fields): Transformation {
  const transformation: Transformation = {
    guardrail: f.text('guardrail'),
    kind: f.oneOf('kind', ['redact']),
    where: f.text('where'),
  };
  f.end();
  return transformation;
}

/** The fields of one object; `end` refuses what nobody asked for. */
class Fields {
  readonly #value: JsonObject;
  readonly #path: string;
  readonly #read = new Set<string>();

  constructor(value: Json | undefined, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw refuse(`${path} is not an object`);
    }
    this.#value = value as JsonObject;
    this.#path = path;
  }

  text(key: string): string {
    const value = this.#take(key);
    if (typeof value !== 'string') throw refuse(`${this.#path}.${key} is not text`);
    return value;
  }

  digest(key: string): string {
    const value = this.#take(key);
    if (!isSha256Hex(value)) throw refuse(`${this.#path}.${key} is not a SHA-256 digest`);
    return value;
  }

  count(key: string): number {
    const value = this.#take(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw refuse(`${this.#path}.${key} is not a whole number`);
    }
    return value;
  }

  oneOf<const T extends string>(key: string, values: readonly T[]): T {
    const text = this.text(key);
    const value = values.find((v) => v === text);
    if (value === undefined) throw refuse(`${this.#path}.${key} has an unknown value`);
    return value;
  }

  nullable<T>(key: string, read: () => T): T | null {
    return this.#take(key) === null ? null : read();
  }

  object(key: string): Fields {
    return new Fields(this.#take(key), `${this.#path}.${key}`);
  }

  list(key: string): Fields[] {
    const value = this.#take(key);
    if (!Array.isArray(value) || value.length > MAX_ITEMS) {
      throw refuse(`${this.#path}.${key} is not a list of at most ${MAX_ITEMS}`);
    }
    return (value as readonly Json[]).map((item) => new Fields(item, `${this.#path}.${key}[]`));
  }

  end(): void {
    const extra = Object.keys(this.#value).find((key) => !this.#read.has(key));
    if (extra !== undefined) throw refuse(`${this.#path} has a field that version 1 lacks`);
  }

  #take(key: string): Json {
    this.#read.add(key);
    const value = Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
    if (value === undefined) throw refuse(`${this.#path}.${key} is missing`);
    return value;
  }
}

function refuse(why: string): GatewayError {
  return new GatewayError(
    'GATEWAY_RECEIPT_INVALID',
    `cannot read the receipt: ${why}; get it again from the gateway`,
  );
}
