/**
 * (b) A debug build that is named like the release, and (c) a pickle that would run a command.
 *
 * Both are signed with the right key and registered: neither name nor signature is what promotes.
 *
 * @module
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { VersionRow } from '@proofmark/registry';

import { attachScan } from '../ship/evidence.ts';
import { hashModel, sealAndRegister, signAndVerify } from '../ship/publish.ts';
import { mustThrow, report } from './attack.ts';
import type { AttackReport, Trial } from './attack.ts';
import type { Laboratory } from './laboratory.ts';

/** Protocol 0: import os.system, push a text, call. Never loaded by anything here. */
const PICKLE = "cos\nsystem\n(S'touch /tmp/owned'\ntR.";
const QUIET = { update: () => undefined, end: () => undefined };

export async function debugBuild(laboratory: Laboratory): Promise<AttackReport> {
  const { installation, route, model } = laboratory;
  const alias = await installation.registry.store.alias(route.environment, route.alias);
  const folder = laboratory.copyOfModel();
  appendFileSync(path.join(folder, 'README.md'), '\nDebug build, not for production.\n');
  const row = await register(laboratory, folder, `${model.label}-debug`);
  return report('b', 'a debug build named like the release', [
    await promote(laboratory, row, 'GATE_EVIDENCE_MISSING', 'scan'),
    await mustThrow(
      {
        tried: 'register it under the label of the release',
        by: 'registry',
        expected: 'REGISTRY_VERSION_CONFLICT',
      },
      () => register(laboratory, folder, alias?.version ?? ''),
    ),
  ]);
}

export async function hostilePickle(laboratory: Laboratory): Promise<AttackReport> {
  const { installation, route, context, model } = laboratory;
  const folder = laboratory.copyOfModel();
  writeFileSync(path.join(folder, 'optimizer.pkl'), PICKLE);
  const row = await register(laboratory, folder, `${model.label}-pickle`);
  const policy = installation.config.policies.get(route.environment);
  if (policy === undefined) throw new Error('the route has no policy');
  const { signal } = context;
  const evidence = { installation, row, policy, actor: 'attacker', signal };
  const { report: scan } = await attachScan(evidence, folder, QUIET);
  const finding = scan.files.find((file) => file.path === 'optimizer.pkl')?.findings[0];
  const trial = await promote(laboratory, row, 'GATE_SCAN_FAILED', 'scan');
  return report('c', 'a pickle that imports os.system', [
    { ...trial, detail: `${finding?.rule ?? ''}: ${finding?.message ?? ''}; ${trial.detail}` },
  ]);
}

async function register(
  { installation, context, model }: Laboratory,
  folder: string,
  version: string,
): Promise<VersionRow> {
  const work = { folder, signal: context.signal, progress: QUIET };
  const manifest = await hashModel(work);
  const { bundle, verified } = await signAndVerify(installation, model.name, manifest, work);
  const request = { name: model.name, version, bundle, verified, actor: 'attacker' };
  return sealAndRegister(installation, request, work);
}

/** Asks for a promotion; the denial names each rule, is recorded and is in the log. */
async function promote(
  { installation, route }: Laboratory,
  row: VersionRow,
  expected: string,
  rule: string,
): Promise<Trial> {
  const policy = installation.config.policies.get(route.environment);
  if (policy === undefined) throw new Error('the route has no policy');
  const result = await installation.registry.promote({
    name: row.name,
    version: row.version,
    policy,
    alias: route.alias,
    actor: 'attacker',
    reason: 'attack',
  });
  const judged = result.decision.rules.find((candidate) => candidate.rule === rule);
  return {
    tried: `promote ${row.name}@${row.version}`,
    by: 'registry',
    expected,
    code: result.outcome === 'denied' ? (judged?.code ?? null) : null,
    detail: `denied: ${judged?.found ?? ''}; record ${result.recordDigest.slice(0, 12)} is entry ${result.logIndex} of the log`,
  };
}
