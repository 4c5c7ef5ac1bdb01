/**
 * Reads token-per-line corpora (last column a BIO or IO tag) as running text with names marked.
 *
 * Tokens are joined the way people write: no blank before a comma, none after an opening bracket.
 * User names behind `@` are no names here.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';

import type { Marked, Sample } from './person-rows.ts';

const CLOSING = /^(?:[.,;:!?)\]}%…]|['’](?:s|m|re|ve|ll|d|t)|n['’]t)$/;
const OPENING = /[([{#@$]$/;

export function readConll(file: string): Sample[] {
  if (!existsSync(file)) return [];
  const samples: Sample[] = [];
  let words: { readonly word: string; readonly tag: string }[] = [];
  for (const line of [...readFileSync(file, 'utf8').split('\n'), '']) {
    const columns = line.trim().split(/\s+/);
    if (line.startsWith('-DOCSTART-') || line.startsWith('# ')) continue;
    const [word, tag] = [columns[0] ?? '', columns.at(-1) ?? ''];
    if (columns.length >= 2 && word !== '') words.push({ word, tag });
    if ((columns.length < 2 && words.length > 0) || words.length >= 120) {
      samples.push(join(words));
      words = [];
    }
  }
  return samples;
}

function join(words: readonly { readonly word: string; readonly tag: string }[]): Sample {
  const spans: Marked[] = [];
  let text = '';
  let open: Marked | undefined;
  for (const [i, { word, tag }] of words.entries()) {
    const tight = text === '' || CLOSING.test(word) || OPENING.test(text);
    if (!tight) text += ' ';
    const start = text.length;
    text += word;
    const handle = word.startsWith('@') || words[i - 1]?.word === '@';
    const named = /per(?:son)?$/i.test(tag) && !handle && /\p{L}/u.test(word);
    if (!named) {
      open = undefined;
      continue;
    }
    if (open !== undefined && !tag.startsWith('B')) {
      spans.pop();
      open = { ...open, end: text.length };
    } else open = { type: 'PERSON', start, end: text.length };
    spans.push(open);
  }
  return { text, spans };
}
