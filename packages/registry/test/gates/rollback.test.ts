import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { decide, decideRollback } from '@proofmark/registry';
import type { GateEvidence, RollbackDecision } from '@proofmark/registry';

import { decideInput } from './vectors.ts';
import type { DecideInput } from './vectors.ts';

const then = decideInput();
const record = decide(then.policy, then.evidence, then.subject, then.nowMs);
const LATER_MS = then.nowMs + 400 * 24 * 3_600_000;

function decided(
  change: {
    readonly now?: DecideInput;
    readonly formerEvidence?: readonly GateEvidence[];
    readonly nowMs?: number;
  } = {},
): RollbackDecision {
  const { now = then, formerEvidence = then.evidence, nowMs = LATER_MS } = change;
  return decideRollback(
    {
      policy: then.policy,
      evidence: formerEvidence,
      evidenceDigests: record.evidenceDigests,
      decidedAtMs: then.nowMs,
      replaces: null,
    },
    { policy: now.policy, evidence: now.evidence },
    then.subject,
    nowMs,
  );
}

test('a version whose promotion still replays may come back when its evidence is old', () => {
  const decision = decided();

  assert.equal(decision.outcome, 'allow');
  assert.equal(decision.replayed.outcome, 'allow');
  assert.equal(decision.decidedAtMs, LATER_MS);
  assert.deepEqual(decision.evidenceDigests, record.evidenceDigests);
  assert.deepEqual(
    decision.rules.map((r) => r.rule),
    ['revocation', 'signature', 'scan'],
  );
});

test('evidence attached after the promotion does not change what is replayed', () => {
  const bad = then.evidence.map((e) =>
    e.kind === 'regression' ? { ...e, digest: 'later', observedAtMs: then.nowMs - 1 } : e,
  );
  const worse = bad.filter((e) => e.digest === 'later');

  assert.equal(decided({ formerEvidence: [...then.evidence, ...worse] }).outcome, 'allow');
});

const scan = then.evidence.find((e) => e.kind === 'scan');

describe('a version may not come back when', () => {
  const manifestDigest = then.subject.manifestDigest;
  const revocation = {
    kind: 'revocation',
    digest: 'r',
    predicateType: 'urn:proofmark:revocation:v1',
    manifestDigest,
    keyIds: ['k'],
    observedAtMs: LATER_MS,
    predicate: { target: { kind: 'model' }, actor: 'dora', reason: 'x', revokedAtMs: LATER_MS },
  } as const;

  test('a piece of the evidence is gone', () => {
    for (const missing of then.evidence) {
      const rest = then.evidence.filter((e) => e !== missing);

      assert.equal(decided({ formerEvidence: rest }).outcome, 'deny', missing.kind);
    }
  });

  test('a piece of the evidence is gone or altered on which only an observing rule relied', () => {
    const observing = decideInput({ policy: { secrets: { dryRun: true } } });
    const promoted = decide(observing.policy, observing.evidence, then.subject, then.nowMs);
    const rest = observing.evidence.filter((e) => e.kind !== 'secrets');
    const gone = observing.evidence.find((e) => e.kind === 'secrets');
    const { policy } = observing;
    const { evidenceDigests } = promoted;
    const outcomeOf = (evidence: readonly GateEvidence[]): string => {
      const former = { policy, evidence, evidenceDigests, decidedAtMs: then.nowMs, replaces: null };
      return decideRollback(former, observing, then.subject, LATER_MS).outcome;
    };
    const digest = gone?.digest ?? '';
    const broken = {
      kind: 'broken',
      code: 'GATE_EVIDENCE_BROKEN',
      of: 'secrets',
      digest,
      manifestDigest,
      why: 'altered',
    } as const;

    assert.equal(promoted.outcome, 'allow');
    assert.equal(outcomeOf(observing.evidence), 'allow');
    assert.equal(outcomeOf(rest), 'deny');
    assert.equal(outcomeOf([...rest, broken]), 'deny');
  });

  test('a piece of the evidence was altered', () => {
    const altered = then.evidence.map((e): GateEvidence =>
      e.kind === 'secrets'
        ? {
            kind: 'broken',
            code: 'GATE_EVIDENCE_BROKEN',
            of: 'secrets',
            digest: e.digest,
            manifestDigest,
            why: 'altered',
          }
        : e,
    );

    assert.equal(decided({ formerEvidence: altered }).outcome, 'deny');
  });

  test('the model was revoked since', () => {
    const now = { ...then, evidence: [...then.evidence, revocation] };

    assert.equal(decided({ now }).outcome, 'deny');
  });

  test('a piece of its evidence was revoked since, also by a key of the former policy only', () => {
    const target = { kind: 'evidence', evidenceDigest: scan?.digest ?? '' } as const;
    const revoked = { ...revocation, predicate: { ...revocation.predicate, target } };

    assert.equal(decided({ formerEvidence: [...then.evidence, revoked] }).outcome, 'deny');
  });

  test('a newer scan found something', () => {
    assert.ok(scan?.kind === 'scan');
    const predicate = { ...scan.predicate, outcome: 'fail' as const };
    const newer = { ...scan, digest: 'n', observedAtMs: LATER_MS - 1, predicate };

    const decision = decided({ now: { ...then, evidence: [...then.evidence, newer] } });

    assert.equal(decision.outcome, 'deny');
    assert.equal(decision.rules.find((r) => r.rule === 'scan')?.code, 'GATE_SCAN_FAILED');
  });

  test('its signature is not there any more', () => {
    const now = { ...then, evidence: then.evidence.filter((e) => e.kind !== 'signature') };

    const decision = decided({ now });

    assert.equal(decision.outcome, 'deny');
    assert.equal(decision.rules.find((r) => r.rule === 'signature')?.code, 'GATE_EVIDENCE_MISSING');
  });

  test('the policy of today does not trust who signed it', () => {
    const now = decideInput({ policy: { signature: { keys: ['alice'] } } });

    assert.equal(decided({ now }).outcome, 'deny');
  });
});

test('a rollback names the evidence of then and of now, in order', () => {
  assert.ok(scan?.kind === 'scan');
  const newer = ['0', 'f'].map((c, i) => ({
    ...scan,
    digest: c.repeat(64),
    observedAtMs: LATER_MS - 2 + i,
  }));
  for (const one of newer) {
    const { evidenceDigests } = decided({ now: { ...then, evidence: [...then.evidence, one] } });

    assert.deepEqual(evidenceDigests, [...record.evidenceDigests, one.digest].toSorted());
  }
});

test('without any scan under the policy of today the former one stands', () => {
  const now = { ...then, evidence: then.evidence.filter((e) => e.kind !== 'scan') };

  assert.equal(decided({ now }).outcome, 'allow');
});

test('a rule that only observes today is shown and does not stand in the way', () => {
  assert.ok(scan?.kind === 'scan');
  const predicate = { ...scan.predicate, outcome: 'fail' as const };
  const newer = { ...scan, digest: 'n', observedAtMs: LATER_MS - 1, predicate };
  const observing = decideInput({ policy: { scan: { dryRun: true } } });

  const { outcome, rules } = decided({
    now: { ...observing, evidence: [...then.evidence, newer] },
  });

  assert.equal(outcome, 'allow');
  assert.equal(rules.find((r) => r.rule === 'scan')?.code, 'GATE_SCAN_FAILED');
});

test('an old scan passes, and says that this is tolerated', () => {
  const found = decided().rules.find((r) => r.rule === 'scan');

  assert.equal(found?.outcome, 'pass');
  assert.match(found.found, /h \d+ min old; tolerated for a rollback$/);
});
