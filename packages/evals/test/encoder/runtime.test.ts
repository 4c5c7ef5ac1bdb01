import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { after, describe, test } from 'node:test';

import { encoderFolder, readEncoderFolder } from '../../src/encoder/model-folder.ts';
import { createRuntime } from '../../src/encoder/runtime.ts';
import type { Rows } from '../../src/encoder/process.ts';
import { withoutRuntime } from './runtime-installed.ts';

const { model } = await readEncoderFolder(encoderFolder());
const ROW = { ids: Int32Array.from([101, 2073, 2003, 102]), lengths: [4], width: 4 };
/** A row that no other test asks for. */
const row = (id: number): Rows => ({ ...ROW, ids: Int32Array.from([101, 3_000 + id, 102, 102]) });
const runtime = createRuntime(model, { threads: 1, widthStep: 4, maxQueue: 2 });

/** Child processes, the newest last. */
function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text
    .split(' ')
    .map(Number)
    .toSorted((a, b) => a - b);
}
const later = { timeoutMs: 60_000 };
after(() => runtime.close());

describe('createRuntime', { skip: withoutRuntime }, () => {
  test('equal rows get equal scores, padded or not, in whatever company', async () => {
    const alone = await runtime.run(ROW, later);
    const ids = new Int32Array(12);
    ids.set(ROW.ids, 0);
    ids.set([101, 1, 2, 3, 4, 102], 6);
    const padded = await runtime.run({ ids, lengths: [4, 6], width: 6 }, later);

    assert.equal(alone.length, 5);
    assert.ok(alone.every((score) => score > 0 && score < 1));
    assert.deepEqual([...padded.subarray(0, 5)], [...alone]);
  });

  test('what cannot wait is refused, and what waits can be aborted or run late', async () => {
    const first = runtime.run(row(1), later);
    const control = new AbortController();
    const stopped = runtime.run(row(2), { ...later, signal: control.signal });
    const late = runtime.run(row(3), { timeoutMs: 0 });
    const refused = runtime.run(row(4), later);
    control.abort();

    await Promise.all([
      assert.rejects(refused, { code: 'EVALS_ENCODER_BUSY' }),
      assert.rejects(stopped, { code: 'EVALS_ABORTED' }),
      assert.rejects(late, { code: 'EVALS_TIMEOUT' }),
    ]);
    assert.equal((await first).length, 5);
    await assert.rejects(runtime.run(ROW, { ...later, signal: control.signal }), {
      code: 'EVALS_ABORTED',
    });
  });

  test('a row the runtime cannot score is a failure, and the next one is scored', async () => {
    const outside = { ids: Int32Array.from([9_999_999]), lengths: [1], width: 1 };

    await assert.rejects(runtime.run(outside, later), { code: 'EVALS_ENCODER_FAILED' });
    assert.equal((await runtime.run(ROW, later)).length, 5);
  });

  test('who asks for the same rows shares one run, whoever of them goes away, but not without bound', async () => {
    const control = new AbortController();
    const gone = runtime.run(row(5), { ...later, signal: control.signal });
    const stays = runtime.run(row(5), later);
    const refused = runtime.run(row(5), later);
    control.abort();

    await assert.rejects(refused, { code: 'EVALS_ENCODER_BUSY' });
    await assert.rejects(gone, { code: 'EVALS_ABORTED' });
    assert.equal(await runtime.run(row(5), later), await stays);
  });

  test('what waits while one child is busy runs in another, with the same scores', async () => {
    const two = createRuntime(model, { threads: 1, threadsAlone: 2, widthStep: 4, processes: 2 });
    const before = childrenOf(process.pid).length;
    const all = await Promise.all([6, 7, 8, 9].map((id) => two.run(row(id), later)));
    const more = await Promise.all([6, 7].map((id) => runtime.run(row(id), later)));

    assert.equal(childrenOf(process.pid).length - before, 2);
    assert.deepEqual(all.slice(0, 2), more);
    const alone = await two.run(row(10), later); // with both threads
    assert.deepEqual(alone, await runtime.run(row(10), later));
    await two.close();
    assert.equal(childrenOf(process.pid).length, before);
  });

  test('weights that are no model fail every job, and so does a closed runtime', async () => {
    const broken = createRuntime(new Uint8Array(100), { threads: 1, widthStep: 4 });
    await assert.rejects(broken.run(ROW, later), { code: 'EVALS_ENCODER_FAILED' });
    await assert.rejects(broken.run(ROW, later), { code: 'EVALS_ENCODER_FAILED' });

    const closed = createRuntime(model, { threads: 1, widthStep: 4 });
    const running = assert.rejects(closed.run(ROW, later), { code: 'EVALS_ENCODER_FAILED' });
    await closed.close();
    await running;
    await assert.rejects(closed.run(ROW, later), { code: 'EVALS_ENCODER_FAILED' });
  });

  test('a runtime that is killed fails its job, and the next one gets a new runtime', async () => {
    const others = new Set(childrenOf(process.pid));
    const own = createRuntime(model, { threads: 1, widthStep: 4 });
    await own.run(row(10), later);
    // Not the highest id: they begin anew after the last one of the machine.
    const victim = childrenOf(process.pid).find((id) => !others.has(id));
    assert.ok(victim !== undefined);
    process.kill(victim, 'SIGKILL');

    await assert.rejects(own.run(ROW, later), { code: 'EVALS_ENCODER_FAILED' });
    assert.equal((await own.run(ROW, later)).length, 5);
    await own.close();
  });
});
