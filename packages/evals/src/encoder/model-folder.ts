/**
 * Reads the encoder's model folder, and only the one this package was built with.
 *
 * Every file's SHA-256 is compiled into this file. A file that is missing, longer, or different by
 * one bit is refused: a judge that was swapped is worse than none. The folder's own signature is for
 * people and for the registry; this check needs neither keys nor trust in the folder.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { canonicalJson, sha256Hex } from '@proofmark/core';

import { EvalsError } from '../errors.ts';
import { ENCODER_FILES } from './encoder-files.ts';
import type { EncoderFileName } from './encoder-files.ts';

export interface EncoderFiles {
  /** The weights, ONNX, int8. */
  readonly model: Uint8Array;
  readonly vocabulary: string;
  readonly joint: string;
}

/** SHA-256 hex over the pinned digests: which encoder this build accepts, without reading it. */
export const ENCODER_DIGEST: string = sha256Hex(canonicalJson({ ...ENCODER_FILES }));

/** The folder in the source tree; a deployment may keep it elsewhere. */
export function encoderFolder(): string {
  const packageFile = fileURLToPath(import.meta.resolve('@proofmark/evals/package.json'));
  return path.join(path.dirname(packageFile), '../../models/evaluators/encoder');
}

/** @throws {EvalsError} EVALS_ENCODER_INVALID */
export async function readEncoderFolder(folder: string): Promise<EncoderFiles> {
  const [model, vocabulary, joint] = await Promise.all([
    readPinned(folder, 'model.onnx'),
    readPinned(folder, 'vocab.txt'),
    readPinned(folder, 'joint.json'),
  ]);
  const text = new TextDecoder();
  return { model, vocabulary: text.decode(vocabulary), joint: text.decode(joint) };
}

async function readPinned(folder: string, name: EncoderFileName): Promise<Uint8Array> {
  const bytes = await readFile(path.join(folder, name)).catch((cause: unknown) => {
    throw new EvalsError(
      'EVALS_ENCODER_INVALID',
      `cannot read the encoder: \`${name}\` is missing or unreadable; restore models/evaluators/encoder or use tier fast`,
      { cause },
    );
  });
  if (sha256Hex(bytes) !== ENCODER_FILES[name]) {
    throw new EvalsError(
      'EVALS_ENCODER_INVALID',
      `cannot use the encoder: \`${name}\` is not the file this build was made with; restore models/evaluators/encoder or use tier fast`,
    );
  }
  return bytes;
}
