/**
 * TensorFlow graphs in the text form of protocol buffers: `.pbtxt` (rules T-1, T-3).
 *
 * The operations are found by their field, wherever it stands; adjacent literals are one value, as
 * the text format says. An escaped name is not decoded: writers of graphs never escape one.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { readAll } from '../byte-source.ts';
import type { Inspection } from '../inspection.ts';
import { TF_EFFECTS } from './tf-effect.ts';

const MAX_TEXT_BYTES = 256 * 1024 * 1024;
const OPERATION = /\bop\s*:\s*((?:(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*)+)/g;
const LITERAL = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/g;

export function readTensorflowText(inspection: Inspection): void {
  inspection.format = 'tf-graph';
  const text = Buffer.from(readAll(inspection.source, MAX_TEXT_BYTES)).toString('utf8');
  inspection.spend(Math.ceil(text.length / 16));
  for (const match of text.matchAll(OPERATION)) {
    const [, literals = ''] = match;
    const name = [...literals.matchAll(LITERAL)].map(([, a, b]) => a ?? b ?? '').join('');
    if (name.includes('\\')) {
      inspection.report('T-3', `the operation ${excerpt(name)} is escaped`, match.index);
      continue;
    }
    const effect = TF_EFFECTS.get(name);
    if (effect === undefined) continue;
    const what = `running the graph ${effect}: the operation ${name}`;
    inspection.report('T-1', what, match.index);
  }
}
