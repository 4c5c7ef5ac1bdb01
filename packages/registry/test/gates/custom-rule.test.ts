import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readGatePolicy } from '@proofmark/registry';
import type { CompiledRule } from '@proofmark/registry';
import type { Json, JsonObject } from '@proofmark/core';

import { decideInput } from './vectors.ts';
import { decide } from '@proofmark/registry';

/** What an expression was shown. */
function shown(patch: JsonObject = {}): JsonObject {
  const { policy, evidence, subject, nowMs } = decideInput(patch);
  let seen: JsonObject | null = null;
  const spy: CompiledRule = (facts) => {
    seen = facts;
    return true;
  };
  const asked = readGatePolicy(
    { ...policy.document, custom: { rules: [{ name: 'spy', expression: 'spy' }] } },
    () => spy,
  );
  decide(asked, evidence, subject, nowMs);
  assert.ok(seen);
  return seen;
}

test('an expression sees the subject, the time, and the newest evidence of each kind', () => {
  const { subject, nowMs, evidence } = shown();

  assert.equal(typeof nowMs, 'number');
  assert.ok(subject !== null && typeof subject === 'object' && !Array.isArray(subject));
  assert.ok(evidence !== null && typeof evidence === 'object' && !Array.isArray(evidence));
  assert.deepEqual(Object.keys(evidence as JsonObject).toSorted(), [
    'dependencies',
    'regression',
    'scan',
    'secrets',
    'shadow',
  ]);
});

test('what is long is summed up: totals of a suite, sessions of a shadow', () => {
  const text = JSON.stringify(shown());

  assert.match(text, /"totals":\{"attempts":1050/);
  assert.match(text, /"sessions":500/);
  assert.match(text, /"hours":48/);
  assert.doesNotMatch(text, /"differences"/);
});

/** The scan attestation as an expression sees it, with `extra` in its predicate. */
function shownScan(extra: Json): JsonObject {
  const { evidence } = shown({ evidence: { scan: { predicate: { extra } } } });
  return (evidence as JsonObject)['scan'] as JsonObject;
}

test('an attestation is seen as it was made, with its age in hours', () => {
  const extra = { a: ['x', true, false, 1.5, [0]], b: { c: '' } };

  const { extra: seen, ageHours } = shownScan(extra);

  assert.deepEqual(seen, extra);
  assert.equal(ageHours, 1);
});

test('an attestation is seen to a depth of 16, and to 1,000 items of a list', () => {
  const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);
  const within = (depth: number): Json => (depth === 0 ? 1 : { a: within(depth - 1) });
  const items = (count: number): Json => Array.from({ length: count }, () => 1);
  const { policy, evidence, subject, nowMs } = decideInput();
  const verdictWith = (extra: Json): string => {
    const input = decideInput({ evidence: { scan: { predicate: { extra } } } });
    const asked = readGatePolicy(
      { ...policy.document, custom: { rules: [{ name: 'any', expression: 'any' }] } },
      () => () => true,
    );
    const { rules } = decide(asked, input.evidence, subject, nowMs);
    return rules.find(({ rule }) => rule === 'custom')?.code ?? '';
  };

  assert.ok(evidence.length > 0);
  assert.equal(verdictWith(nested(15)), 'GATE_OK');
  assert.equal(verdictWith(nested(16)), 'GATE_RULE_ERROR');
  assert.equal(verdictWith(within(15)), 'GATE_OK');
  assert.equal(verdictWith(within(16)), 'GATE_RULE_ERROR');
  assert.equal(verdictWith(items(1000)), 'GATE_OK');
  assert.equal(verdictWith(items(1001)), 'GATE_RULE_ERROR');
});

test('a policy has at most 64 rules of its own, of at most 4,096 characters', () => {
  const { policy } = decideInput();
  const read = (rules: Json): unknown =>
    readGatePolicy({ ...policy.document, custom: { rules } }, () => () => true);
  const named = (count: number): Json =>
    Array.from({ length: count }, (_, i) => ({ name: `r${i}`, expression: 'x' }));

  assert.ok(read(named(64)));
  assert.throws(() => read(named(65)), /rules/);
  assert.ok(read([{ name: 'r', expression: 'x'.repeat(4096) }]));
  assert.throws(() => read([{ name: 'r', expression: 'x'.repeat(4097) }]), /expression/);
});

test('evidence about another model, however new, is not shown', () => {
  const own = (shown()['evidence'] as JsonObject)['scan'] as JsonObject;
  const base = decideInput().evidence.find((item) => item.kind === 'scan');
  assert.ok(base?.kind === 'scan');
  const other = {
    ...base,
    digest: 'e'.repeat(64),
    manifestDigest: 'd'.repeat(64),
    observedAtMs: base.observedAtMs + 1,
    keyIds: [...base.keyIds],
    predicate: { ...base.predicate, findings: [] },
  } as unknown as JsonObject;

  const scan = (shown({ evidence: { other } })['evidence'] as JsonObject)['scan'] as JsonObject;

  assert.equal(scan['digest'], own['digest']);
});

test('why an expression does not compile is told, also when the compiler does not say', () => {
  const { policy } = decideInput();
  const read = (reason: unknown) => (): unknown =>
    readGatePolicy(
      { ...policy.document, custom: { rules: [{ name: 'r', expression: 'x' }] } },
      () => {
        AbortSignal.abort(reason).throwIfAborted();
        return () => true;
      },
    );

  assert.throws(read(new Error('undeclared name')), /expression: undeclared name/);
  assert.throws(read('not an error'), /expression: it does not compile/);
});

test('where nothing can evaluate expressions a policy that has some is refused, and says so', () => {
  const { policy } = decideInput();
  const document = {
    ...policy.document,
    custom: { rules: [{ name: 'r', expression: 'true' }] },
  };

  assert.throws(() => readGatePolicy(document), /rules: nothing here can evaluate expressions/);
});

test('an attestation of this very moment is seen, and one of the next is not', () => {
  const { nowMs } = decideInput();
  const kinds = (observedAtMs: number): readonly string[] =>
    Object.keys(shown({ evidence: { scan: { observedAtMs } } })['evidence'] as JsonObject);

  assert.ok(kinds(nowMs).includes('scan'));
  assert.ok(!kinds(nowMs + 1).includes('scan'));
});

test('a rule that breaks is an error, also when it does not say why', () => {
  const { policy, evidence, subject, nowMs } = decideInput();
  const judged = (reason: unknown): string => {
    const asked = readGatePolicy(
      { ...policy.document, custom: { rules: [{ name: 'r', expression: 'x' }] } },
      () => () => {
        AbortSignal.abort(reason).throwIfAborted();
        return true;
      },
    );
    const { rules, outcome } = decide(asked, evidence, subject, nowMs);
    assert.equal(outcome, 'deny');
    return rules.find(({ rule }) => rule === 'custom')?.found ?? '';
  };

  assert.equal(judged(new Error('no such key')), 'r cannot be evaluated: no such key');
  assert.equal(judged('not an error'), 'r cannot be evaluated: it broke');
});

test('one damaged attestation of any kind is an error for rules that may look at all', () => {
  const { policy, subject, nowMs, evidence } = decideInput();
  const asked = readGatePolicy(
    { ...policy.document, custom: { rules: [{ name: 'r', expression: 'x' }] } },
    () => () => true,
  );
  const broken = {
    kind: 'broken',
    code: 'GATE_EVIDENCE_TRUNCATED',
    of: 'provenance',
    digest: 'd'.repeat(64),
    manifestDigest: subject.manifestDigest,
    why: 'cut off',
  } as const;

  const { rules } = decide(asked, [...evidence, broken], subject, nowMs);

  const custom = rules.find(({ rule }) => rule === 'custom');
  assert.deepEqual([custom?.outcome, custom?.code], ['error', 'GATE_EVIDENCE_TRUNCATED']);
});
