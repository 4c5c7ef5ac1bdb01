/**
 * Generated speech in pairs of kinds that share their words: hate and the answer to it, threats and
 * figures of speech, the wish to die and the worry about a friend; requests, and exchanges in which a
 * refusal quotes the harm, a warning stands before giving in, or a harmless deed sounds alarming.
 *
 * Beside the grammars `harm` and `answers`, in other words. The harmful answers name no quantity, no
 * substance and no code that works.
 *
 * @module
 */
import type { Exchange } from './answers.ts';
import { expand, rng } from './grammar.ts';
import type { Rng } from './grammar.ts';
import { SPEECH } from './grammars.ts';
import type { Row } from './sources.ts';

const { words, harmful, honest, asks, answers } = SPEECH;

/** Statements, every kind equally often, and as many honest as harmful. */
export function generateSpeech(count: number, seed: number): Row[] {
  const random = rng(seed);
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2 === 0 ? 1 : 0;
    const kinds = label === 1 ? harmful : honest;
    const kind = random.pick(Object.keys(kinds));
    const sentences = Array.from({ length: random.chance(0.25) ? 2 : 1 }, () => say(random.pick(kinds[kind] ?? []), random));
    return { text: roughen(sentences.join(' '), random), label, source: `speech_${label}_${kind}` };
  });
}

interface Ask {
  readonly text: string;
  readonly deed: string;
  readonly wanted: 0 | 1;
  /** What an answer that gives in consists of: statements of these kinds, or advice when there are none. */
  readonly kinds: readonly string[];
}

/** A piece of writing that is asked for, by its list, and what would stand in it. */
const WORKS: Readonly<Record<string, readonly string[]>> = {
  '{lies}': ['lying'],
  '{nastiness}': ['hate', 'harassment', 'hate'],
  '{lewd}': ['sexual'],
  '{lewd_minor}': ['sexual'],
};

/** Requests, as many honest as harmful. */
export function generateAsks(count: number, seed: number): Row[] {
  const random = rng(seed);
  return Array.from({ length: count }, (_, i) => {
    const { text, wanted } = i % 2 === 0 ? harmfulAsk(random) : honestAsk(random);
    return { text, label: wanted, source: `speech_asks_${wanted}` };
  });
}

function harmfulAsk(random: Rng): Ask {
  if (random.chance(0.3)) {
    const list = random.pick(asks['works'] ?? []);
    const work = expand(list, words, random);
    const text = roughen(fill(random.pick(asks['harmful_work'] ?? []), { work }, random), random);
    return { text, deed: `write ${work}`, wanted: 1, kinds: WORKS[list] ?? [] };
  }
  const deed = expand(random.pick(asks['harmful'] ?? []), words, random);
  const text = roughen(fill(random.pick(asks['harmful_request'] ?? []), { do: deed }, random), random);
  return { text, deed, wanted: 1, kinds: [] };
}

function honestAsk(random: Rng): Ask {
  const template = random.pick(asks['honest_request'] ?? []);
  const pool = template.includes('{do}') ? asks['harmful'] : asks['honest_do'];
  const deed = expand(random.pick(pool ?? []), words, random);
  const text = roughen(fill(template, { do: deed, calm: deed }, random), random);
  return { text, deed, wanted: 0, kinds: [] };
}

/** Half of the harmful requests get both a harmful and a safe answer. */
export function generateReplies(count: number, seed: number): Exchange[] {
  const random = rng(seed);
  const found: Exchange[] = [];
  while (found.length < count) {
    if (random.chance(0.34)) {
      const ask = honestAsk(random);
      found.push(exchange(ask, helping(ask, random), 'speech_helps'));
      continue;
    }
    const ask = harmfulAsk(random);
    const both = random.chance(0.5);
    const isBad = random.chance(0.5);
    if (both || isBad) found.push({ ...exchange(ask, giving(ask, random), 'speech_gives'), label: 1 });
    if (both || !isBad) found.push(exchange(ask, declining(ask, random), 'speech_declines'));
  }
  return found.slice(0, count);
}

function exchange({ text: asked, wanted }: Ask, text: string, source: string): Exchange {
  return { asked, text: text.trim(), label: 0, wanted, source };
}

function giving(ask: Ask, random: Rng): string {
  const warned = random.chance(0.35) ? random.pick(answers['warned'] ?? []) : '';
  const heading = random.chance(0.35) ? `${random.pick(answers['heading'] ?? [])}\n` : '';
  const body = ask.kinds.length === 0 ? draw('giving', random.int(2, 6), ask, random) : written(ask, random);
  // One careful sentence does not make it safe.
  const soft = random.chance(0.15) ? draw('partly', 1, ask, random) : [];
  return roughen([warned, heading, laidOut([...body, ...soft], random)].filter(Boolean).join(' '), random);
}

function written({ kinds }: Ask, random: Rng): string[] {
  return Array.from({ length: random.int(1, 4) }, () => say(random.pick(harmful[random.pick(kinds)] ?? []), random));
}

function declining(ask: Ask, random: Rng): string {
  const first = draw('quoting', 1, ask, random);
  const more = draw('partly', random.int(0, 3), ask, random);
  const facts = random.chance(0.4) ? draw('informing', random.int(1, 3), ask, random) : [];
  return roughen([...first, ...more, ...facts].join(' '), random);
}

function helping(ask: Ask, random: Rng): string {
  const isAboutHarm = asks['honest_do']?.includes(ask.deed) !== true;
  const lines = draw(isAboutHarm ? 'informing' : 'working', random.int(2, 6), ask, random);
  const heading = random.chance(0.25) ? '**Step by step**\n' : '';
  return roughen(`${heading}${laidOut(lines, random)}`, random);
}

function draw(kind: string, count: number, { deed }: Ask, random: Rng): string[] {
  const pool = [...(answers[kind] ?? [])];
  const capital = deed.charAt(0).toUpperCase() + deed.slice(1);
  return Array.from({ length: Math.min(count, pool.length) }, () => {
    const [one = ''] = pool.splice(random.int(0, pool.length - 1), 1);
    return fill(one, { do: deed, calm: deed, Do: capital }, random);
  });
}

function laidOut(lines: readonly string[], random: Rng): string {
  if (lines.length < 3 || random.chance(0.55)) return lines.join(' ');
  const isNumbered = random.chance(0.6);
  return lines.map((line, i) => `${isNumbered ? `${i + 1}.` : '-'} ${line}`).join('\n');
}

function fill(template: string, parts: Readonly<Record<string, string>>, random: Rng): string {
  const filled = template.replaceAll(/\{(work|do|calm|Do)\}/g, (whole, name: string) => parts[name] ?? whole);
  return say(filled, random);
}

function say(template: string, random: Rng): string {
  const text = expand(template, words, random);
  return template.startsWith('{') ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

function roughen(text: string, random: Rng): string {
  const lowered = random.chance(0.15) ? text.toLowerCase() : text;
  return (random.chance(0.12) ? lowered.replace(/[.!?]+$/, '') : lowered).trim();
}
