/**
 * Trains the tagger of names and addresses and prints what it does on texts it never saw.
 *
 * `--corpora` is a folder of token-per-line files (see the model card), `--lists` what `lists.py`
 * wrote. Files named in `HELD_OUT` are never trained on. Without `--write` only figures are printed.
 *
 * @module
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

import { findNames } from '../../../../packages/evals/src/pii/names.ts';
import { listKey } from '../../../../packages/evals/src/pii/tagger/word-facts.ts';
import { tagText } from '../../../../packages/evals/src/pii/tagger/tagger.ts';
import type { TaggedSpan } from '../../../../packages/evals/src/pii/tagger/tagger.ts';
import { readTagger } from '../../../../packages/evals/src/pii/tagger/tagger-file.ts';
import { tokenise } from '../../../../packages/evals/src/pii/tagger/tokens.ts';
import { hashWord } from '../../../../packages/evals/src/linear/hash.ts';
import { readJsonl, textOf } from '../sources.ts';
import { generateDocuments, generateHonest } from '../corpus.ts';
import { rng } from '../grammar.ts';
import { encodeTagger, pack, trainChain } from './chain-trainer.ts';
import { readConll } from './conll.ts';
import { personRows, readLists } from './person-rows.ts';
import type { Lists, Marked, Sample } from './person-rows.ts';

const { values } = parseArgs({
  options: {
    datasets: { type: 'string', default: '../shared/datasets' },
    corpora: { type: 'string', default: '' },
    lists: { type: 'string', default: '' },
    rows: { type: 'string', default: '22000' },
    epochs: { type: 'string', default: '4' },
    out: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Measured on, never trained on. */
const HELD_OUT = ['wikigold_test', 'wnut_test', 'btc_h'];
/** Old newspapers, read by machine: they count less. */
const WEIGHTS: Readonly<Record<string, number>> = { enp: 0.3, sec: 0.5 };

const lists = readLists(values.lists);

/** The first half of prompts.chat (CC0): headings and technical terms, cut to what is trained on. */
function promptTexts(): readonly string[] {
  const rows = readJsonl(path.join(values.datasets, 'prompt_injection/prompts_chat.jsonl'));
  const texts = rows.slice(0, Math.floor(rows.length / 2)).map((row) => textOf(row['text']));
  return texts.flatMap((text) => [text.slice(0, 900), text.slice(900, 1800)]);
}
const files = readdirSync(values.corpora).flatMap((file) => {
  const { name } = path.parse(file);
  const samples = readConll(path.join(values.corpora, file));
  if (name !== 'wikigold') return [{ name, samples }];
  const cut = Math.floor(samples.length * 0.6);
  return [
    { name, samples: samples.slice(0, cut) },
    { name: 'wikigold_test', samples: samples.slice(cut) },
  ];
});
const trained = files.filter(({ name }) => !HELD_OUT.includes(name));
const honest = [
  ...generateHonest(4000, 21).map(({ text }) => text),
  ...generateDocuments(1500, 22).honest,
  ...promptTexts(),
]
  .filter((text) => findNames(text).length === 0)
  .map((text): Sample => ({ text, spans: [] }));

const key = (word: string): number => listKey(hashWord(word));
const wordsOf = (texts: readonly string[]): number[] =>
  texts.flatMap((text) => tokenise(text).map(({ value }) => key(value)));

/** Lowercase words that are usual in honest text. */
function commonWords(): ReadonlySet<number> {
  const counts = new Map<string, number>();
  for (const { text } of [...trained.flatMap(({ samples }) => samples), ...honest]) {
    for (const [word] of text.matchAll(/(?<![\p{L}@#])\p{Ll}{2,20}(?!\p{L})/gu)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  const top = [...counts].filter(([, n]) => n >= 6).toSorted((a, b) => b[1] - a[1]);
  return new Set(top.slice(0, 12_000).map(([word]) => key(word)));
}

function wordLists(all: Lists, common: ReadonlySet<number>, keep: (word: number) => boolean) {
  const locales = Object.values(all.locales);
  const given = [...all.census.given, ...locales.flatMap((l) => l.given ?? [])];
  const last = [...all.census.last.slice(0, 24_000), ...locales.flatMap((l) => l.last ?? [])];
  const place = locales.flatMap((l) => l.city ?? []);
  return {
    given: new Set(wordsOf(given).filter(keep)),
    last: new Set(wordsOf(last).filter(keep)),
    place: new Set(wordsOf(place).filter(keep)),
    common,
  };
}

const common = commonWords();
const shipped = wordLists(lists, common, () => true);
const thinned = wordLists(lists, common, (word) => word % 4 !== 0);
const generated = [...personRows(lists, Number(values.rows), rng(31))];
const packed = [
  ...generated.map((sample) => pack(sample, thinned, 1)),
  ...honest.map((sample) => pack(sample, thinned, 1)),
  ...trained.flatMap(({ name, samples }) => {
    const weight = WEIGHTS[name.split('_')[0] ?? ''] ?? 2;
    return samples.map((sample) => pack(sample, thinned, weight));
  }),
].filter((item) => item !== undefined);
print(`${packed.length} texts, ${packed.reduce((n, { tags }) => n + tags.length, 0)} tokens`);
const chain = trainChain(
  packed,
  { epochs: Number(values.epochs), rate: 0.12, l2: 1e-6, dropout: 0.12, wordDropout: 0.5 },
  print,
);
const bytes = encodeTagger(chain, shipped);
const tagger = readTagger(bytes);

function figures(samples: readonly Sample[], type: Marked['type'], at: number): string {
  let [gold, found, hit, exact] = [0, 0, 0, 0];
  for (const { text, spans } of samples) {
    const seen = tagText(text, tagger).filter((s) => s.type === type && s.confidence >= at);
    const open = new Set(spans.filter((s) => s.type === type));
    gold += open.size;
    found += seen.length;
    for (const span of seen) {
      const match = [...open].find((other) => shared(span, other) > 0.5);
      if (match === undefined) continue;
      open.delete(match);
      hit += 1;
      if (match.start === span.start && match.end === span.end) exact += 1;
    }
  }
  const f1 = (n: number): string => ((2 * n) / Math.max(1, gold + found)).toFixed(3);
  return `P ${(hit / Math.max(1, found)).toFixed(3)} R ${(hit / Math.max(1, gold)).toFixed(3)} F1 ${f1(hit)} exact ${f1(exact)} (${gold})`;
}

function shared(a: Pick<TaggedSpan, 'start' | 'end'>, b: Pick<TaggedSpan, 'start' | 'end'>): number {
  return (
    (Math.min(a.end, b.end) - Math.max(a.start, b.start)) / Math.max(a.end - a.start, b.end - b.start)
  );
}

const fresh = [...personRows(lists, 1500, rng(99))];
for (const at of [0.35, 0.5, 0.7]) {
  for (const type of ['PERSON', 'STREET_ADDRESS'] as const)
    print(`generated ${type} @${at}: ${figures(fresh, type, at)}`);
  for (const { name, samples } of files.filter((file) => HELD_OUT.includes(file.name)))
    print(`${name} PERSON @${at}: ${figures(samples, 'PERSON', at)}`);
}
if (values.out !== '') writeFileSync(values.out, bytes);
if (values.write)
  writeFileSync(path.join(import.meta.dirname, '../../../../packages/evals/weights/people.bin'), bytes);
print(`${bytes.length} bytes`);
