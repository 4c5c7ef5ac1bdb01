import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../../src/alert.ts';
import { deliverDue, enqueueAlerts } from '../../src/delivery/deliver.ts';
import { memoryOutbox } from '../../src/delivery/outbox.ts';
import type { Receiver } from '../../src/delivery/receiver.ts';

const alert = { fingerprint: 'f', state: 'FIRING', changedAtMs: 1 } as Alert;

function receiver(id: string, failures: number): Receiver & { readonly got: string[] } {
  const got: string[] = [];
  let left = failures;
  return {
    id,
    got,
    deliver(_alert, deliveryId) {
      if (left > 0) {
        left -= 1;
        return Promise.reject(new Error('down'));
      }
      got.push(deliveryId);
      return Promise.resolve();
    },
  };
}

test('an alert reaches every receiver, one that fails at first after a wait, with the same id', async () => {
  const outbox = memoryOutbox();
  const receivers = [receiver('a', 0), receiver('b', 1)];
  const dead: unknown[] = [];
  const at = (nowMs: number) =>
    deliverDue({ receivers, outbox, nowMs, onDead: (d) => dead.push(d) });

  await enqueueAlerts([alert], receivers, outbox, 0);
  await enqueueAlerts([alert], receivers, outbox, 0);
  assert.equal(await at(0), 1);
  assert.equal(await at(4_999), 0);
  assert.equal(await at(5_000), 1);
  assert.equal(await at(1e9), 0);

  assert.equal(receivers[0]?.got.length, 1);
  assert.equal(receivers[1]?.got.length, 1);
  assert.notDeepEqual(receivers[0]?.got, receivers[1]?.got);
  assert.deepEqual(dead, []);
});

test('a delivery that never succeeds is given up after twelve tries and reported', async () => {
  const outbox = memoryOutbox();
  const receivers = [receiver('a', Infinity)];
  const dead: string[] = [];
  await enqueueAlerts([alert], receivers, outbox, 0);

  for (let i = 0; i < 20; i += 1) {
    const nowMs = i * 1_000_000;
    await deliverDue({ receivers, outbox, nowMs, onDead: (d) => dead.push(d.receiverId) });
  }

  assert.deepEqual(dead, ['a']);
  assert.deepEqual(await outbox.due(Infinity, 10), []);
});

test('a receiver that is no longer configured fails its deliveries instead of losing them silently', async () => {
  const outbox = memoryOutbox();
  const dead: string[] = [];
  await enqueueAlerts([alert], [{ id: 'gone' }], outbox, 0);

  for (let i = 0; i < 12; i += 1) {
    const nowMs = i * 1_000_000;
    await deliverDue({ receivers: [], outbox, nowMs, onDead: (d) => dead.push(d.receiverId) });
  }

  assert.deepEqual(dead, ['gone']);
});
