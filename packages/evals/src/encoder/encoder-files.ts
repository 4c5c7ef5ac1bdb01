/**
 * SHA-256 hex of every file of the encoder this build accepts. Written by
 * `models/evaluators/training/encoder/pin.ts`.
 *
 * @module
 */
export const ENCODER_FILES = {
  'model.onnx': '3c8957ecb156dc2ab2823582236d49cf3844c27a736b519e41ade3f869cb0971',
  'vocab.txt': '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
  'joint.json': '6d043a6f98f53cd4ef252757ed25df57b23c02b167445e423dc512c369409c3f',
} as const;

export type EncoderFileName = keyof typeof ENCODER_FILES;
