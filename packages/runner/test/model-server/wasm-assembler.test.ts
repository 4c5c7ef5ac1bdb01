import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { assemble, op } from '../../src/model-server/wasm-assembler.ts';
import type { Code } from '../../src/model-server/wasm-assembler.ts';
import { createMemory, instantiate, PAGE_BYTES } from '../../src/model-server/wasm-kernel.ts';

function run(body: Code, shape: { readonly vectors?: number } = {}, ...given: number[]): DataView {
  const memory = createMemory(1);
  const main = { parameters: given.length, integers: 0, vectors: shape.vectors ?? 0, body };
  const bytes = assemble({
    minimumPages: 1,
    functions: [main],
    exported: [{ name: 'main', index: 0 }],
  });
  const { main: call } = instantiate(bytes, memory) as { main: (...list: number[]) => void };
  call(...given);
  return new DataView(memory.buffer);
}

test('constants and offsets of every length in bytes mean their number', () => {
  const half = PAGE_BYTES / 2 - 16;
  fc.assert(
    fc.property(fc.nat(half), fc.nat(half), fc.float({ noNaN: true }), (at, offset, value) => {
      const view = run([...op.i32Const(at), ...op.f32x4Const(value), ...op.v128Store(offset)]);

      for (const lane of [0, 4, 8, 12]) {
        assert.equal(view.getFloat32(at + offset + lane, true), value);
      }
    }),
  );
});

test('a negative constant is negative', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000, max: -1 }), (value) => {
      const address = [...op.localGet(0), ...op.i32Const(value), ...op.i32Add];
      const view = run([...address, ...op.f32x4Const(1), ...op.v128Store(0)], {}, 16 - value);

      assert.equal(view.getFloat32(16, true), 1);
    }),
  );
});

test('a loop runs until its condition fails', () => {
  const body = op.loop(
    [...op.localGet(0), ...op.f32x4Const(2), ...op.v128Store(0)],
    [...op.localGet(0), ...op.i32Const(16), ...op.i32Add, ...op.localSet(0)],
    [...op.localGet(0), ...op.localGet(1), ...op.i32LessUnsigned, ...op.branchIf(0)],
  );
  const view = run(body, {}, 0, 64);

  assert.deepEqual(
    [0, 48, 60, 64].map((at) => view.getFloat32(at, true)),
    [2, 2, 2, 0],
  );
});

test('the engine validates what is assembled: a body that leaves a value behind is refused', () => {
  assert.throws(() => run(op.i32Const(1)), /CompileError|Compiling|expected/);
  assert.throws(() => run(op.f32x4Add));
});
