import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Json, JsonObject } from '@proofmark/core';
import { decide, evidenceToApprove, readGatePolicy, verifyExport } from '@proofmark/registry';
import type { CompileRule, Decision, RuleResult } from '@proofmark/registry';

import {
  ORIGIN,
  approve,
  attachAs,
  moveOf,
  openWorld,
  policyDocument,
  registerReady,
  registryError,
  scan,
  signers,
  smallPolicy,
} from '../../world.ts';
import type { World } from '../../world.ts';

/** A language of paths: true where there is something; `!` throws where there is nothing. */
const compile: CompileRule = (expression) => {
  if (expression === 'nonsense') throw new Error('column 1: it says nothing');
  const [path = '', must] = expression.split('!');
  return (facts: JsonObject) => {
    const found = path.split('.').reduce<Json | undefined>((at, key) => step(at, key), facts);
    if (found === undefined && must !== undefined) throw new Error(`no ${path}`);
    return found !== undefined;
  };
};

function step(at: Json | undefined, key: string): Json | undefined {
  if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
  return (at as JsonObject)[key];
}

type Rule = { readonly name: string; readonly expression: string; readonly fix?: string };

function policy(rules: readonly Rule[], more: JsonObject = {}) {
  const { document } = smallPolicy();
  return readGatePolicy({ ...document, custom: { rules: [...rules], ...more } }, compile);
}

async function judged(
  rules: readonly Rule[],
  prepare: (world: World) => Promise<void> = async () => undefined,
  more: JsonObject = {},
): Promise<{ readonly custom: RuleResult; readonly decision: Decision }> {
  const asked = policy(rules, more);
  const world = await openWorld({ policies: [asked] });
  await registerReady(world, asked);
  await prepare(world);
  await approve(world, asked);
  const decision = await world.registry.decide('support-assistant', '1.0.0', asked);
  const custom = decision.rules.find(({ rule }) => rule === 'custom');
  assert.ok(custom);
  return { custom, decision };
}

const scanned = { name: 'scanned', expression: 'evidence.scan.outcome' };

describe('rules of a policy of its own', () => {
  test('pass when every one holds, and what they saw must be approved', async () => {
    const attempts = { name: 'attempts', expression: 'evidence.regression.totals.attempts!' };
    const { custom, decision } = await judged([scanned, attempts]);

    assert.equal(decision.outcome, 'allow');
    assert.equal(custom.found, '2 hold');
    assert.equal(custom.evidenceDigests.length, 3);
    assert.ok(custom.evidenceDigests.every((d) => evidenceToApprove(decision).includes(d)));
  });

  test('deny when one is false, with its own words for how to fix it', async () => {
    const shadowed = { name: 'shadowed', expression: 'evidence.shadow', fix: 'run a shadow' };
    const { custom, decision } = await judged([scanned, shadowed]);

    assert.equal(decision.outcome, 'deny');
    assert.deepEqual(
      [custom.outcome, custom.code, custom.found, custom.fix],
      ['fail', 'GATE_CUSTOM_FAILED', 'shadowed is false', 'run a shadow'],
    );
  });

  test('deny as an error when one cannot be evaluated', async () => {
    const { custom, decision } = await judged([{ name: 'x', expression: 'evidence.shadow!' }]);

    assert.equal(decision.outcome, 'deny');
    assert.deepEqual([custom.outcome, custom.code], ['error', 'GATE_CUSTOM_ERROR']);
    assert.match(custom.found, /no evidence\.shadow/);
  });

  test('that only observe are shown and do not decide', async () => {
    const rule = [{ name: 'x', expression: 'evidence.shadow!' }];
    const { custom, decision } = await judged(rule, undefined, { dryRun: true });

    assert.equal(custom.outcome, 'error');
    assert.equal(decision.outcome, 'allow');
  });

  test('do not see evidence dated in the future, and no older one in its place', async () => {
    const { custom } = await judged([scanned], async (world) => {
      const predicate = scan({ finishedAtMs: world.clock.nowMs + 3_600_000 });
      await attachAs(world, 'scanner', { kind: 'scan', predicate });
    });

    assert.equal(custom.code, 'GATE_CUSTOM_FAILED');
  });

  test('cannot choose between two equally new attestations', async () => {
    const { custom } = await judged([scanned], async (world) => {
      await attachAs(world, 'scanner', { kind: 'scan', predicate: scan({ filesScanned: 2 }) });
    });

    assert.equal(custom.outcome, 'error');
    assert.match(custom.found, /equally new/);
  });
});

describe('a policy with rules of its own is refused', () => {
  const cases: Readonly<Record<string, Json>> = {
    'without any': [],
    'when one does not compile': [{ name: 'x', expression: 'nonsense' }],
    'when two have one name': [{ ...scanned }, { ...scanned }],
    'when one has no name': [{ expression: 'evidence' }],
    'when one is too long': [{ name: 'x', expression: 'x'.repeat(5000) }],
  };
  for (const [name, rules] of Object.entries(cases)) {
    test(name, () => {
      assert.throws(
        () => readGatePolicy(policyDocument({ custom: { rules } }), compile),
        registryError('REGISTRY_POLICY_INVALID'),
      );
    });
  }

  test('where nothing can evaluate them, and the place of a mistake is told', () => {
    const document = policyDocument({ custom: { rules: [{ ...scanned }] } });
    assert.throws(() => readGatePolicy(document), registryError('REGISTRY_POLICY_INVALID'));
    assert.throws(
      () => policy([{ name: 'x', expression: 'nonsense' }]),
      /custom\.rules.*expression.*column 1/,
    );
  });
});

test('an exported decision is recomputed with the same rules, and not without them', async () => {
  const asked = policy([scanned]);
  const world = await openWorld({ policies: [asked] });
  await registerReady(world, asked);
  const { recordDigest } = await world.registry.promote(moveOf('support-assistant', asked));
  const file = await world.registry.exportDecision(recordDigest);
  const trust = {
    recordKeys: [signers.registry.publicKey],
    log: { origin: ORIGIN, logKey: signers.log.publicKey },
  };

  assert.equal(verifyExport(file, { ...trust, compileRule: compile }).decision.outcome, 'allow');
  assert.throws(() => verifyExport(file, trust), registryError('REGISTRY_POLICY_INVALID'));
});

test('a rule that changes what it is handed changes no other rule', async () => {
  const hostile: CompileRule = () => (facts) => {
    Object.assign(facts, { evidence: {} });
    return true;
  };
  const { document } = smallPolicy();
  const rules = [{ name: 'x', expression: 'x' }];
  const asked = readGatePolicy({ ...document, custom: { rules } }, hostile);
  const subject = {
    name: 'a',
    version: '1',
    manifestDigest: 'a'.repeat(64),
    omsRoot: 'b'.repeat(64),
    fileCount: 1,
    totalBytes: 1,
    registeredBy: 'ann',
    replaces: null,
    bases: [],
  };

  assert.equal(decide(asked, [], subject, 0).outcome, 'deny');
});
