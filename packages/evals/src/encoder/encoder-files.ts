/**
 * SHA-256 hex of every file of the encoder this build accepts. Written by
 * `models/evaluators/training/encoder/pin.ts`.
 *
 * @module
 */
export const ENCODER_FILES = {
  'model.onnx': '116b7a8db63ffa536e9d9581bda636ef882d6be413d75ca747a2091bd81de823',
  'vocab.txt': '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
  'joint.json': '533efc0520d4ae25c119f7624b3b628e0a6271ca55cb56831e44acb4461f1cd3',
} as const;

export type EncoderFileName = keyof typeof ENCODER_FILES;
