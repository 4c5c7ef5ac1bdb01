/**
 * Compiles the digests of the encoder's files into the package: run after every change of a file.
 *
 * `node pin.ts`
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILES = ['model.onnx', 'vocab.txt', 'joint.json'];
const folder = path.join(import.meta.dirname, '../../encoder');
const target = path.join(
  import.meta.dirname,
  '../../../../packages/evals/src/encoder/encoder-files.ts',
);

const lines = FILES.map((name) => {
  const digest = createHash('sha256').update(readFileSync(path.join(folder, name))).digest('hex');
  return `  '${name}': '${digest}',\n`;
});
writeFileSync(
  target,
  `/**
 * SHA-256 hex of every file of the encoder this build accepts. Written by
 * \`models/evaluators/training/encoder/pin.ts\`.
 *
 * @module
 */
export const ENCODER_FILES = {
${lines.join('')}} as const;

export type EncoderFileName = keyof typeof ENCODER_FILES;
`,
);
