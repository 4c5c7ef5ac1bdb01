import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseStrictJson } from '@proofmark/core';
import type { DecisionExport, ExportTrust } from '@proofmark/registry';
import {
  judgeExport,
  readExport,
  readGatePolicy,
  verifyExport,
  writeExport,
} from '@proofmark/registry';

import {
  HOUR_MS,
  ORIGIN,
  approve,
  attachAs,
  model,
  moveOf,
  openWorld,
  policyDocument,
  registerReady,
  registration,
  registryError,
  scan,
  signers,
  smallPolicy,
} from './world.ts';
import type { World } from './world.ts';

const trust: ExportTrust = {
  recordKeys: [signers.registry.publicKey],
  log: { origin: ORIGIN, logKey: signers.log.publicKey },
};

/** As another machine gets it: through a file. */
async function exported(world: World, recordDigest: string): Promise<DecisionExport> {
  return readExport(
    parseStrictJson(writeExport(await world.registry.exportDecision(recordDigest))),
  );
}

async function promoted(): Promise<{ readonly world: World; readonly file: DecisionExport }> {
  const world = await openWorld();
  await registerReady(world);
  const { recordDigest } = await world.registry.promote(moveOf());
  return { world, file: await exported(world, recordDigest) };
}

describe('an exported decision is recomputed without a server:', () => {
  test('a promotion', async () => {
    const { file } = await promoted();

    const verified = verifyExport(file, { ...trust, policyDigest: smallPolicy().digest });

    assert.equal(verified.decision.outcome, 'allow');
    assert.deepEqual(verified.decision.evidenceDigests, verified.record.evidenceDigests);
    assert.ok(verified.decision.rules.some((r) => r.found.includes('proves at most 0.28 %')));
  });

  test('a denial', async () => {
    const world = await openWorld();
    await world.registry.register(await registration());
    const { recordDigest } = await world.registry.promote(moveOf());

    const verified = verifyExport(await exported(world, recordDigest), trust);

    assert.equal(verified.decision.outcome, 'deny');
    assert.equal(verified.record.action, 'denial');
  });

  test('a rollback, long after the evidence has grown old', async () => {
    const world = await openWorld();
    await registerReady(world, smallPolicy(), 'one');
    await world.registry.promote(moveOf('one'));
    await registerReady(world, smallPolicy(), 'two');
    await world.registry.promote(moveOf('two'));
    world.clock.nowMs += 60 * 24 * HOUR_MS;
    const { recordDigest } = await world.registry.rollback(moveOf('one'));

    const file = await exported(world, recordDigest);
    const verified = verifyExport(file, trust);

    assert.equal(verified.record.action, 'rollback');
    assert.throws(
      () => verifyExport({ ...file, former: null }, trust),
      registryError('REGISTRY_EXPORT_INVALID'),
    );
  });

  test('a rollback, also after the version was promoted again with other evidence', async () => {
    const world = await openWorld();
    await registerReady(world, smallPolicy(), 'one');
    await world.registry.promote(moveOf('one'));
    await registerReady(world, smallPolicy(), 'two');
    await world.registry.promote(moveOf('two'));
    const { recordDigest } = await world.registry.rollback(moveOf('one'));
    await world.registry.promote(moveOf('two'));
    const predicate = scan({ finishedAtMs: world.clock.nowMs });
    await attachAs(world, 'scanner', { kind: 'scan', predicate, about: model('one') });
    await approve(world, smallPolicy(), 'one');
    const again = await world.registry.promote(moveOf('one'));

    const verified = verifyExport(await exported(world, recordDigest), trust);

    assert.equal(again.outcome, 'moved');
    assert.equal(verified.record.action, 'rollback');
  });

  test('evidence attached later does not change what was decided', async () => {
    const { world } = await promoted();
    const [record] = await world.store.records({ limit: 1 });
    const predicate = scan({ outcome: 'fail', finishedAtMs: world.clock.nowMs });
    await attachAs(world, 'scanner', { kind: 'scan', predicate });

    const verified = verifyExport(await exported(world, record?.digest ?? ''), trust);

    assert.equal(verified.decision.outcome, 'allow');
  });
});

describe('an exported decision is refused when', () => {
  const attacks: readonly (readonly [string, string, (file: DecisionExport) => DecisionExport])[] =
    [
      [
        'a piece of evidence is left out',
        'REGISTRY_EXPORT_INVALID',
        (file) => ({ ...file, evidence: file.evidence.slice(1) }),
      ],
      [
        'a piece of evidence was altered',
        'REGISTRY_EXPORT_INVALID',
        (file) => ({
          ...file,
          evidence: file.evidence.map((e, i) =>
            i === 0 ? { ...e, envelope: flip(e.envelope, 'payload":"') } : e,
          ),
        }),
      ],
      [
        'the model signature was altered',
        'REGISTRY_EXPORT_INVALID',
        (file) => ({ ...file, bundle: `${file.bundle} ` }),
      ],
      [
        'the manifest was altered',
        'REGISTRY_EXPORT_INVALID',
        (file) => ({ ...file, manifest: file.manifest.replace('96', '97') }),
      ],
      [
        'the policy was made laxer',
        'REGISTRY_EXPORT_INVALID',
        (file) => ({
          ...file,
          record: { ...file.record, policy: file.record.policy.replace('"small"', '"lax"') },
        }),
      ],
      [
        'the proof is of another entry',
        'REGISTRY_EXPORT_INVALID',
        (file) => ({
          ...file,
          record: { ...file.record, proof: file.record.proof.replace(/index \d+/, 'index 0') },
        }),
      ],
      [
        'a piece of evidence has the proof of another',
        'REGISTRY_EVIDENCE_UNPROVEN',
        (file) => ({
          ...file,
          evidence: file.evidence.map((e, i) => ({
            ...e,
            proof: file.evidence[i ^ 1]?.proof ?? '',
          })),
        }),
      ],
      [
        'the record was altered',
        'REGISTRY_RECORD_INVALID',
        (file) => ({
          ...file,
          record: { ...file.record, envelope: flip(file.record.envelope, 'payload":"') },
        }),
      ],
    ];
  for (const [name, code, attack] of attacks) {
    test(name, async () => {
      const { file } = await promoted();

      assert.throws(() => verifyExport(attack(file), trust), registryError(code));
    });
  }

  test('the registry, the log or the policy is not the one that is trusted', async () => {
    const { file } = await promoted();
    const stranger = signers.stranger.publicKey;

    const distrust = [
      ['REGISTRY_RECORD_INVALID', { ...trust, recordKeys: [stranger] }],
      ['REGISTRY_EXPORT_INVALID', { ...trust, log: { origin: ORIGIN, logKey: stranger } }],
      ['REGISTRY_EXPORT_INVALID', { ...trust, policyDigest: 'a'.repeat(64) }],
    ] as const;

    for (const [code, other] of distrust) {
      assert.throws(() => verifyExport(file, other), registryError(code));
    }
  });

  test('it is the export of another decision under a new record name', async () => {
    const { world, file } = await promoted();
    await registerReady(world, smallPolicy(), 'two');
    const { recordDigest } = await world.registry.promote(moveOf('two'));
    const other = await exported(world, recordDigest);

    const mixed = {
      ...file,
      bundle: other.bundle,
      manifest: other.manifest,
      evidence: other.evidence,
    };

    assert.notEqual(model('two').manifestDigest, model().manifestDigest);
    assert.throws(() => verifyExport(mixed, trust), registryError('REGISTRY_EXPORT_INVALID'));
  });

  test('an attestation was added, given twice, or left out of a denial', async () => {
    const { world, file } = await promoted();
    const [first] = file.evidence;
    assert.ok(first);
    await registerReady(world, smallPolicy(), 'two');
    const { recordDigest } = await world.registry.promote(moveOf('two'));
    const [foreign] = (await exported(world, recordDigest)).evidence;
    assert.ok(foreign);
    await attachAs(world, 'scanner', {
      kind: 'scan',
      predicate: scan({ outcome: 'fail', finishedAtMs: world.clock.nowMs }),
    });
    const denied = await world.registry.promote(moveOf());
    assert.equal(denied.outcome, 'denied');
    const denial = await exported(world, denied.recordDigest);

    const cases: readonly (readonly [DecisionExport, RegExp])[] = [
      [{ ...file, evidence: [...file.evidence, foreign] }, /does not name the scan attestation/],
      [{ ...file, evidence: [...file.evidence, first] }, /there twice/],
      [{ ...denial, evidence: denial.evidence.slice(1) }, /that the record names is missing/],
    ];

    assert.equal(verifyExport(denial, trust).decision.outcome, 'deny');
    for (const [attacked, why] of cases) {
      assert.throws(
        () => verifyExport(attacked, trust),
        (error) => registryError('REGISTRY_EXPORT_INVALID')(error) && why.test(String(error)),
      );
    }
  });
});

test('exported evidence can be judged again: later, and by another policy', async () => {
  const { file } = await promoted();
  const nowMs = Date.parse('2026-11-23T13:00:00Z');
  const strict = readGatePolicy(policyDocument());

  assert.equal(judgeExport(file, trust, { nowMs }).outcome, 'allow');
  const later = judgeExport(file, trust, { nowMs: nowMs + 60 * 24 * HOUR_MS });
  assert.equal(later.rules.find(({ rule }) => rule === 'scan')?.code, 'GATE_EVIDENCE_STALE');
  const other = judgeExport(file, trust, { nowMs, policy: strict });
  assert.equal(other.rules.find(({ rule }) => rule === 'shadow')?.code, 'GATE_EVIDENCE_MISSING');
  const untrusted = { ...trust, recordKeys: [signers.stranger.publicKey] };
  assert.throws(
    () => judgeExport(file, untrusted, { nowMs }),
    registryError('REGISTRY_RECORD_INVALID'),
  );
});

/** Changes the first character of the base64 that follows a marker. */
function flip(text: string, marker: string): string {
  const at = text.indexOf(marker) + marker.length;
  const changed = text[at] === 'A' ? 'B' : 'A';
  return `${text.slice(0, at)}${changed}${text.slice(at + 1)}`;
}
