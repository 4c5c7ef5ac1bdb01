/**
 * Whether the optional runtime is installed; tests that need it say so when they are skipped.
 *
 * @module
 */
import { findOnnxRuntime } from '../../src/onnx-profile.ts';

export const skipWithoutRuntime: { readonly skip: string | false } = {
  skip: findOnnxRuntime() === null ? 'onnxruntime-node is not installed here' : false,
};
