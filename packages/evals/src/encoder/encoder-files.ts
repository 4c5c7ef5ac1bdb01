/**
 * SHA-256 hex of every file of the encoder this build accepts. Written by
 * `models/evaluators/training/encoder/pin.ts`.
 *
 * @module
 */
export const ENCODER_FILES = {
  'model.onnx': 'c0e0569beeedd78a704171a41b43b15e9ae29c6e90222e827d406da6b1d01dee',
  'vocab.txt': '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
  'joint.json': '039a6c0ca38c4380d37c3460fc1c8644544fb2e1a1d98da142b05898794226ff',
} as const;

export type EncoderFileName = keyof typeof ENCODER_FILES;
