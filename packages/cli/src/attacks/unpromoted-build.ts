/**
 * A build that somebody signs, registers under the name of the release, and tries to promote.
 *
 * @module
 */
import { encodeEntry, verifyTlogProof } from '@proofmark/tlog';
import type { RuleName, VersionRow } from '@proofmark/registry';
import { recordEntry } from '@proofmark/registry';

import type { EvidenceContext } from '../ship/attach.ts';
import { hashModel, sealAndRegister, signAndVerify } from '../ship/publish.ts';
import type { Progress } from '../terminal/progress.ts';
import type { Trial } from './attack.ts';
import type { Laboratory } from './laboratory.ts';

const ATTACKER = 'attacker';
export const QUIET: Progress = { update: () => undefined, end: () => undefined };

/** Signs with the right key: neither name nor signature is what promotes. */
export async function registerBuild(
  { installation, context, release }: Laboratory,
  folder: string,
  version: string,
): Promise<VersionRow> {
  const work = { folder, signal: context.signal, progress: QUIET };
  const manifest = await hashModel(work);
  const { bundle, verified } = await signAndVerify(installation, release.name, manifest, work);
  const request = { name: release.name, version, bundle, verified, actor: ATTACKER };
  return sealAndRegister(installation, request, work);
}

export function evidenceAbout(laboratory: Laboratory, row: VersionRow): EvidenceContext {
  const { installation, policy, context } = laboratory;
  return { installation, row, policy, actor: ATTACKER, signal: context.signal };
}

/**
 * Asks for a promotion that `rule` must deny with the code `expected`.
 *
 * The denial must be a record in the log, and the route must serve the release afterwards.
 *
 * @throws {TlogError} when the denial is not in the log
 */
export async function promoteBuild(
  { installation, policy, route, release }: Laboratory,
  row: VersionRow,
  { rule, expected }: { readonly rule: RuleName; readonly expected: string },
): Promise<Trial> {
  const { registry, log, logTrust } = installation;
  const { outcome, decision, recordDigest, logIndex } = await registry.promote({
    name: row.name,
    version: row.version,
    policy,
    alias: route.alias,
    actor: ATTACKER,
    reason: 'attack',
  });
  const trial = { tried: `promote ${row.name}@${row.version}`, by: 'registry', expected };
  const now = await registry.store.alias(route.environment, route.alias);
  if (outcome !== 'denied' || now?.manifestDigest !== release.manifestDigest) {
    return { ...trial, code: null, detail: 'it was promoted' };
  }
  const entry = encodeEntry(recordEntry('denial', recordDigest));
  verifyTlogProof(await log.proof(logIndex), entry, logTrust);
  const judged = decision.rules.find((candidate) => candidate.rule === rule);
  const denying = decision.rules.filter((candidate) => candidate.outcome !== 'pass');
  return {
    ...trial,
    code: judged?.code ?? null,
    detail: `denied by ${denying.map((each) => each.rule).join(', ')}: ${judged?.found ?? ''}; record ${recordDigest.slice(0, 12)} proven to be entry ${logIndex} of the log`,
  };
}
