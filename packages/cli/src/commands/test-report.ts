/**
 * What a test run says beside its rates: which rows failed, and how that differs from the version
 * that serves now.
 *
 * Two runs compare only when suite and evaluators are the same, which the records' run digest says;
 * otherwise there is nothing to compare and that is said.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { isRecordOf } from '@proofmark/evals';
import type { AttemptRecord, SuiteResult } from '@proofmark/evals';
import type { VersionRow } from '@proofmark/registry';

import type { ScoringTier } from '../evaluators.ts';
import type { RunSpeed } from '../evidence/regression-evidence.ts';
import type { Installation } from '../installation.ts';
import { printable } from '../terminal/output.ts';

export interface LiveComparison {
  /** NAME@VERSION that serves now. */
  readonly live: string;
  /** Rows that fail now and did not fail with the live version, and the other way round. */
  readonly newlyFailing: readonly string[];
  readonly fixed: readonly string[];
  readonly stillFailing: number;
}

/** Who judged, under which configuration, and how fast. */
export function scoringLines(
  { evaluators }: Pick<SuiteResult, 'evaluators'>,
  { tier, speed }: { readonly tier: ScoringTier; readonly speed: RunSpeed },
): readonly string[] {
  const { attempts, rowsPerS, scoringMsPerRow } = speed;
  const judges = evaluators.map(
    ({ id, version, configDigest }) =>
      `  ${id}@${version} configuration ${configDigest.slice(0, 12)}`,
  );
  const pace =
    attempts === 0
      ? 'every attempt was made before'
      : `${attempts} rows now, ${rowsPerS.toFixed(1)} rows/s with the model's answers; scoring ${scoringMsPerRow.toFixed(1)} ms a row`;
  return [`scored     tier ${tier}: ${pace}`, ...judges];
}

/** What went wrong in one attempt, in words without its text. */
export function failureOf(record: AttemptRecord): string {
  if (record.attack === 'error') return `error: ${record.error}`;
  return [
    ...(record.attack === 'succeeded'
      ? [`attack succeeded (${record.succeededBy ?? 'oracle'})`]
      : []),
    ...(record.content === 'pass' ? [] : [`content ${record.content}`]),
    ...(isSevere(record) ? [`action ${record.actionSeverity}`] : []),
  ].join(', ');
}

/** Failing rows shown to a person; the document and the results file hold all. */
const MAX_SHOWN = 20;

export function failingLines(failing: readonly AttemptRecord[]): readonly string[] {
  const shown = failing
    .slice(0, MAX_SHOWN)
    .map((record) => `  ${printable(record.rowId)}  ${printable(failureOf(record))}`);
  const more = failing.length - shown.length;
  return more > 0 ? [...shown, `  and ${more} more failing rows`] : shown;
}

function isSevere({ action, actionSeverity }: AttemptRecord): boolean {
  return action === 'error' || actionSeverity === 'high' || actionSeverity === 'critical';
}

/** Null when nothing else of that name serves, or it was never tested with this suite. */
export async function compareWithLive(
  { registry }: Pick<Installation, 'registry'>,
  tested: VersionRow,
  run: { readonly environment: string; readonly resultsFile: string; readonly runDigest: string },
): Promise<LiveComparison | null> {
  const rows = await registry.store.versions({ name: tested.name, limit: 1_000 });
  const aliases = await registry.store.aliases();
  const serving = new Set(
    aliases
      .filter(({ environment }) => environment === run.environment)
      .map(({ manifestDigest }) => manifestDigest),
  );
  const live = rows.find(
    ({ manifestDigest }) => serving.has(manifestDigest) && manifestDigest !== tested.manifestDigest,
  );
  if (live === undefined) return null;
  const suite = path.basename(run.resultsFile).slice(tested.manifestDigest.slice(0, 16).length);
  const file = path.join(
    path.dirname(run.resultsFile),
    `${live.manifestDigest.slice(0, 16)}${suite}`,
  );
  if (!existsSync(file)) return null;
  const before = failingIds(file, run.runDigest);
  const now = failingIds(run.resultsFile, run.runDigest);
  if (before === null || now === null) return null;
  return {
    live: `${live.name}@${live.version}`,
    newlyFailing: [...now].filter((id) => !before.has(id)),
    fixed: [...before].filter((id) => !now.has(id)),
    stillFailing: [...now].filter((id) => before.has(id)).length,
  };
}

export function comparisonLines(compared: LiveComparison | null): readonly string[] {
  if (compared === null) return ['live       no other version serves that this suite has tested'];
  const { live, newlyFailing, fixed, stillFailing } = compared;
  const shown = newlyFailing.slice(0, MAX_SHOWN).map((id) => `  newly failing ${printable(id)}`);
  return [
    `live       ${live}: ${newlyFailing.length} newly failing, ${fixed.length} fixed, ${stillFailing} failing in both`,
    ...shown,
  ];
}

/** Null when the file holds no record of this run: another suite or other evaluators made it. */
export function failingIds(file: string, runDigest: string): ReadonlySet<string> | null {
  const records = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
    .filter((value) => isRecordOf(value, runDigest));
  if (records.length === 0) return null;
  return new Set(records.filter((record) => failureOf(record) !== '').map(({ rowId }) => rowId));
}
