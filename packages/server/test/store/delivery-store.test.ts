import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { openDeliveryStore } from '@proofmark/server';
import type { DeliveryRow } from '@proofmark/server';

function row(id: string, change: Partial<DeliveryRow> = {}): DeliveryRow {
  return { id, receiver: 'platform', message: '{"rule":"é"}', tries: 0, nextAtMs: 100, ...change };
}

test('deliveries outlive the process and come back in the order of their time', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-deliveries-'));
  const first = openDeliveryStore(folder);
  await first.put([row('b', { nextAtMs: 90 }), row('a'), row('later', { nextAtMs: 101 })]);
  await first.put([row('a', { message: 'another' })]);
  await first.put([]);
  first.close();

  const store = openDeliveryStore(folder);
  assert.deepEqual(await store.due(100, 10), [row('b', { nextAtMs: 90 }), row('a')]);
  assert.deepEqual(await store.due(100, 1), [row('b', { nextAtMs: 90 })]);

  await store.remove('b');
  await store.postpone('a', 3, 500);
  assert.deepEqual(await store.due(400, 10), [row('later', { nextAtMs: 101 })]);
  assert.deepEqual((await store.due(500, 10)).at(-1), row('a', { tries: 3, nextAtMs: 500 }));
  store.close();
});
