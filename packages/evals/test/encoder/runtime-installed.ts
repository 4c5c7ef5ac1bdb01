/**
 * Whether the optional runtime is here. Tests that need it skip with this sentence, never silently.
 *
 * @module
 */
const PACKAGE = 'onnxruntime-node';

async function findRuntime(): Promise<string | false> {
  try {
    await import(PACKAGE);
    return false;
  } catch {
    return 'the optional package onnxruntime-node is not installed';
  }
}

/** For a test's `skip`: false when the runtime is here, else the reason. */
export const withoutRuntime: string | false = await findRuntime();
