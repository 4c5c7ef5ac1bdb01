/** Receipt facts for tests. */
import fc from 'fast-check';

import type { EvaluatorIdentity } from '@proofmark/evals';

import type { ReceiptFacts } from '../../src/receipt/statement.ts';

function hash(character: string): string {
  return character.repeat(64);
}

export const evaluator: EvaluatorIdentity = {
  id: 'prompt-injection',
  version: '1.0.0',
  configDigest: hash('e'),
};

export function receiptFacts(fields: Partial<ReceiptFacts> = {}): ReceiptFacts {
  return {
    id: `rcpt_${'1'.repeat(32)}`,
    salt: '2'.repeat(32),
    startedAtMs: 1_700_000_000_000,
    issuedAtMs: 1_700_000_000_500,
    traceId: '3'.repeat(32),
    tenant: hash('4'),
    route: 'support-live',
    model: {
      name: 'support-assistant',
      version: '1.2.0',
      manifestDigest: hash('a'),
      omsRoot: hash('b'),
    },
    promotion: { index: 7, policyDigest: hash('c') },
    configDigest: hash('d'),
    promptVersion: null,
    evidenceLevel: 'verified-at-load',
    requestDigest: hash('5'),
    contextDigest: null,
    evaluators: [evaluator],
    outcome: 'answered',
    response: { digest: hash('6'), status: 200, stream: null },
    guardrails: [
      { id: 'injection', stage: 'input', checks: 2, outcome: 'pass', action: 'allow', evaluator },
    ],
    transformations: [],
    ...fields,
  };
}

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom('0', '1', '9', 'a', 'c', 'f'),
    minLength: length,
    maxLength: length,
  });
const text = fc.string({ unit: 'grapheme', maxLength: 12 });

/** Any facts that a gateway could state. */
export const anyFacts: fc.Arbitrary<ReceiptFacts> = fc
  .record({
    id: hex(32).map((h) => `rcpt_${h}`),
    salt: hex(32),
    tenant: hex(64),
    route: text,
    promptVersion: fc.option(text),
    contextDigest: fc.option(hex(64)),
    issuedAtMs: fc.nat(),
    outcome: fc.constantFrom('answered', 'blocked', 'failed', 'interrupted'),
    response: fc.record(
      {
        digest: hex(64),
        status: fc.nat({ max: 599 }),
        stream: fc.option(
          fc.record({ chain: hex(64), events: fc.nat() }, { noNullPrototype: true }),
        ),
      },
      { noNullPrototype: true },
    ),
    transformations: fc.array(
      fc.record(
        { guardrail: text, kind: fc.constant('redact' as const), where: text },
        { noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
  })
  .map((fields) => receiptFacts(fields as Partial<ReceiptFacts>));
