/**
 * SHA-256 hex of every file of the encoder this build accepts. Written by
 * `models/evaluators/training/encoder/pin.ts`.
 *
 * @module
 */
export const ENCODER_FILES = {
  'model.onnx': 'c0e0569beeedd78a704171a41b43b15e9ae29c6e90222e827d406da6b1d01dee',
  'vocab.txt': '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
  'joint.json': '3de92f4c7b39f9b0b5d56e94e2eb5f10a87df7e7f528ba83e5151f378183f526',
} as const;

export type EncoderFileName = keyof typeof ENCODER_FILES;
