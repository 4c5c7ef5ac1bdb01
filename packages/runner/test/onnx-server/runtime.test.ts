import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadRuntime, sessionOptions } from '../../src/onnx-server/runtime.ts';
import { skipWithoutRuntime } from './runtime-installed.ts';

test('threads are bounded: at most four for one operator, one operator at a time', () => {
  const options = { intraOpNumThreads: 0, interOpNumThreads: 0, ...sessionOptions() };

  assert.ok(options.intraOpNumThreads >= 1 && options.intraOpNumThreads <= 4);
  assert.equal(options.interOpNumThreads, 1);
});

test('the runtime refuses what is no graph', skipWithoutRuntime, async () => {
  const { InferenceSession } = await loadRuntime();

  await assert.rejects(InferenceSession.create(new Uint8Array(64).fill(7), sessionOptions()));
});
