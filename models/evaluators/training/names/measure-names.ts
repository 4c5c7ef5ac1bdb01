/**
 * Prints span figures of PII per file and type, with bootstrap intervals over rows.
 *
 * `node --conditions=proofmark-source measure-names.ts FILE.jsonl|FILE.conll[:FROM] ...`; FROM, a share
 * in [0, 1], leaves out the rows before it, which were trained on.
 *
 * @module
 */
import path from 'node:path';
import process from 'node:process';

import { readLabelledRow } from '../../../../packages/evals/src/measure/labelled-row.ts';
import { annotatedSpans, matchSpans } from '../../../../packages/evals/src/measure/span-tally.ts';
import type { SpanMatch } from '../../../../packages/evals/src/measure/span-tally.ts';
import { PII } from '../../../../packages/evals/src/pii/pii.ts';
import { rng } from '../grammar.ts';
import { readJsonl } from '../sources.ts';
import { readConll } from './conll.ts';

const RESAMPLES = 1000;
const pii = new PII();

interface Figures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

function figures(rows: readonly SpanMatch[]): Figures {
  const sum = (pick: (row: SpanMatch) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  const [annotated, found, matched] = [
    sum((row) => row.annotated),
    sum((row) => row.found),
    sum((row) => row.matched),
  ];
  return {
    precision: matched / Math.max(1, found),
    recall: matched / Math.max(1, annotated),
    f1: (2 * matched) / Math.max(1, annotated + found),
  };
}

function interval(rows: readonly SpanMatch[], pick: (f: Figures) => number): string {
  const random = rng(17);
  const drawn = Array.from({ length: RESAMPLES }, () =>
    pick(figures(rows.map(() => random.pick(rows)))),
  ).toSorted((a, b) => a - b);
  const at = (share: number): string => (drawn[Math.floor(share * RESAMPLES)] ?? 0).toFixed(3);
  return `${pick(figures(rows)).toFixed(3)} [${at(0.025)}, ${at(0.975)}]`;
}

for (const argument of process.argv.slice(2)) {
  const [file = '', from = '0'] = argument.split(':');
  const all = file.endsWith('.conll') ? readConll(file) : readJsonl(file);
  const matches = all.slice(Math.floor(all.length * Number(from))).map((raw, i) => {
    const row = readLabelledRow({ label: 0, ...raw, id: String(i) }, `row ${i}`);
    const text = String(row.fields['text']);
    try {
      return matchSpans(annotatedSpans(row, text) ?? [], pii.find(text));
    } catch {
      return [];
    }
  });
  for (const type of ['PERSON', 'STREET_ADDRESS']) {
    const none = { type, annotated: 0, found: 0, matched: 0, exact: 0 };
    const rows = matches.map((row) => row.find((match) => match.type === type) ?? none);
    const annotated = rows.reduce((total, row) => total + row.annotated, 0);
    if (annotated === 0) continue;
    process.stdout.write(
      `${path.basename(file)} ${type} n=${annotated} P ${interval(rows, (f) => f.precision)} R ${interval(rows, (f) => f.recall)} F1 ${interval(rows, (f) => f.f1)}\n`,
    );
  }
}
