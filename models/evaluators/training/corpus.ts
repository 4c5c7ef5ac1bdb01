/**
 * The generated part of the training corpus.
 *
 * @module
 */
import { expand, rng } from './grammar.ts';
import type { Rng } from './grammar.ts';
import {
  ATTACK,
  BENIGN,
  CARRIER,
  FOREIGN,
  FOREIGN_ATTACKS,
  FOREIGN_BENIGN,
  PLANT,
} from './grammars.ts';
import type { Row } from './sources.ts';

/** Small surface changes that keep the meaning: case, punctuation, typing errors, padding. */
function roughen(text: string, random: Rng): string {
  let rough = text;
  if (random.chance(0.12)) rough = rough.toLowerCase();
  else if (random.chance(0.05)) rough = rough.toUpperCase();
  if (random.chance(0.1)) rough = rough.replace(/[.!?]+$/, '');
  if (random.chance(0.06)) rough = `${rough}!!!`;
  if (random.chance(0.06)) {
    const at = random.int(0, Math.max(0, rough.length - 2));
    rough = rough.slice(0, at) + rough.slice(at + 1);
  }
  return rough;
}

const pieces = (text: string): Record<string, string> => ({
  b64: Buffer.from(text).toString('base64'),
  hex: Buffer.from(text).toString('hex'),
  rot: text.replaceAll(/[A-Za-z]/g, (c) =>
    String.fromCharCode(
      ((c.charCodeAt(0) - (c <= 'Z' ? 65 : 97) + 13) % 26) + (c <= 'Z' ? 65 : 97),
    ),
  ),
  rev: Array.from(text).toReversed().join(''),
  harm_part: text.slice(0, text.length / 2),
  harm_tail: text.slice(text.length / 2),
  harm_words: text
    .split(' ')
    .map((w, i) => `${i + 1}. ${w}`)
    .join(' '),
});

export function generateAttacks(count: number, seed: number): Row[] {
  const random = rng(seed);
  const rows: Row[] = [];
  for (let i = 0; i < count; i += 1) {
    const foreign = random.chance(0.13);
    let text = foreign
      ? expand(random.pick(FOREIGN_ATTACKS), FOREIGN, random)
      : expand('{attack}', ATTACK, random);
    const inner = pieces(expand('{goal}', ATTACK, random));
    text = text.replaceAll(
      /\{(b64|hex|rot|rev|harm_part|harm_tail|harm_words)\}/g,
      (_, k: string) => inner[k] ?? '',
    );
    if (random.chance(0.12))
      text = `${expand(random.pick(['{request} ', '{lookalike} ', '{act_as}\n\n']), BENIGN, random)}${text}`;
    if (random.chance(0.06)) text = `${text} ${expand('{request}', BENIGN, random)}`;
    rows.push({ text: roughen(text, random), label: 1, source: 'generated_attack' });
  }
  return rows;
}

export function generateHonest(count: number, seed: number): Row[] {
  const random = rng(seed);
  const rows: Row[] = [];
  for (let i = 0; i < count; i += 1) {
    const text = random.chance(0.15)
      ? random.pick(FOREIGN_BENIGN)
      : expand('{benign}', BENIGN, random);
    rows.push({ text: roughen(text, random), label: 0, source: 'generated_benign' });
  }
  return rows;
}

export interface Planted {
  readonly text: string;
  /** Where the plant is; null in honest documents. */
  readonly start: number;
  readonly end: number;
}

function plant(random: Rng): string {
  const text = expand(random.chance(0.45) ? '{loud}' : '{quiet}', { ...CARRIER, ...PLANT }, random);
  const more = random.chance(0.2) ? ` ${expand('{quiet}', { ...CARRIER, ...PLANT }, random)}` : '';
  const whole = text + more;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** Documents of many formats; every second one has a plant at the place the format offers. */
export function generateDocuments(
  count: number,
  seed: number,
): { planted: Planted[]; honest: string[] } {
  const random = rng(seed);
  const planted: Planted[] = [];
  const honest: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const carrier = expand('{carrier}', CARRIER, random);
    const filler = expand(random.pick(['{sent}', '{honest}', '{honest}', '']), CARRIER, random);
    honest.push(carrier.replaceAll('{PLANT}', () => filler));
    const other = expand('{carrier}', CARRIER, random);
    const inserted = plant(random);
    const start = other.indexOf('{PLANT}');
    planted.push({
      text: other.replaceAll('{PLANT}', () => inserted),
      start,
      end: start + inserted.length,
    });
  }
  return { planted, honest };
}

/** Plants put into real honest documents: start, middle or end, at a sentence or line break. */
export function plantInto(documents: readonly string[], seed: number): Planted[] {
  const random = rng(seed);
  return documents.map((document) => {
    const inserted = plant(random);
    const breaks = [
      0,
      document.length,
      ...Array.from(document.matchAll(/[.!?]\s|\n/g), (m) => m.index + m[0].length),
    ];
    const at = random.pick(breaks);
    const before = document.slice(0, at);
    const lead = before === '' || /\s$/.test(before) ? '' : ' ';
    return {
      text: `${before}${lead}${inserted} ${document.slice(at)}`,
      start: at + lead.length,
      end: at + lead.length + inserted.length,
    };
  });
}
