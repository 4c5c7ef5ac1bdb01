import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Refusals } from '@proofmark/registry';
import { openWorld } from '@proofmark/registry/test/world';
import { ServerError, countRefusedLogins } from '@proofmark/server';

const unauthorized = new ServerError('SERVER_UNAUTHORIZED', 'no token');
const replayed = new ServerError('SERVER_IDENTITY_REPLAYED', 'used before');

test('a million refusals are one record, counted by reason, with no actor known', async () => {
  const { registry, store, clock } = await openWorld();
  const refused = countRefusedLogins({
    record: (refusals) => registry.recordRefusals(refusals),
    clock: () => clock.nowMs,
    onError: (error) => assert.ifError(error),
  });
  const fromMs = clock.nowMs;
  for (let i = 0; i < 1_000_000; i += 1) refused.note(unauthorized);
  refused.note(replayed);
  // Known by then, or no refusal at all: another matter.
  refused.note(new ServerError('SERVER_FORBIDDEN', 'no role'));
  refused.note(new Error('a defect'));
  clock.nowMs += 5000;

  await refused.close();

  const [logged, ...others] = await registry.refusals(10);
  assert.deepEqual(others, []);
  assert.deepEqual(logged?.counts, [
    { code: 'SERVER_IDENTITY_REPLAYED', count: 1 },
    { code: 'SERVER_UNAUTHORIZED', count: 1_000_000 },
  ]);
  assert.equal(logged.toMs - fromMs, 5000);
  const text = (await store.document(logged.digest)) ?? '';
  assert.ok(text.length < 1000);
  assert.match(Buffer.from(JSON.parse(text).payload, 'base64').toString(), /"actor":"unknown"/);
  assert.deepEqual((await registry.audit()).findings, []);
});

test('what could not be written is counted again with the next', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const written: Refusals[] = [];
  const errors: unknown[] = [];
  let full = true;
  const refused = countRefusedLogins({
    record: async (refusals) => {
      if (full) throw new Error('the disk is full');
      written.push(refusals);
    },
    clock: () => 0,
    onError: (error) => errors.push(error),
    intervalMs: 1000,
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  refused.note(unauthorized);
  t.mock.timers.tick(999);
  await settled();
  assert.deepEqual([errors.length, written.length], [0, 0], 'not before the interval');
  t.mock.timers.tick(1);
  await settled();
  assert.deepEqual([errors.length, written.length], [1, 0]);
  full = false;
  refused.note(unauthorized);
  t.mock.timers.tick(1000);
  await settled();
  await refused.close();

  assert.deepEqual(
    written.map(({ counts }) => counts),
    [[{ code: 'SERVER_UNAUTHORIZED', count: 2 }]],
  );
});
