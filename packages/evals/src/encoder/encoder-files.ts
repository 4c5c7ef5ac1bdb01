/**
 * SHA-256 hex of every file of the encoder this build accepts. Written by
 * `models/evaluators/training/encoder/pin.ts`.
 *
 * @module
 */
export const ENCODER_FILES = {
  'model.onnx': '761797bd5aebe3f3800532f2fa20c831af030557fc5d6efc473c47c8a2f31cf0',
  'vocab.txt': '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
  'joint.json': 'fb74b8c03f60750585b8ee7ba11cd126dbc972a6fca17f225a1d77e969267dfa',
} as const;

export type EncoderFileName = keyof typeof ENCODER_FILES;
