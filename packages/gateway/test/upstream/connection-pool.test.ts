import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConnectionPool } from '../../src/upstream/connection-pool.ts';

const upstream = { connect: () => Promise.reject(new Error('not used')) };

test('at most `max` requests are in progress; a released connection is used again', async () => {
  const pool = new ConnectionPool(upstream);
  const [a, b] = [pool.acquire(2), pool.acquire(2)];
  assert.ok(a && b);

  assert.equal(pool.acquire(2), null);
  assert.equal(pool.busy, 2);
  b.release();
  b.release();
  assert.equal(pool.busy, 1);
  const again = pool.acquire(2);

  assert.equal(again?.client, b.client);
  assert.equal(again.reused, true);
  assert.equal(a.reused, false);
  await pool.close();
  assert.equal(pool.acquire(2), null);
});

test('a fresh connection takes the place of a dead one and counts once', async () => {
  const pool = new ConnectionPool(upstream);
  const lease = pool.acquire(1);
  assert.ok(lease);

  const fresh = lease.fresh();

  assert.notEqual(fresh.client, lease.client);
  assert.equal(fresh.reused, false);
  assert.equal(pool.busy, 1);
  lease.release();
  assert.equal(pool.busy, 1);
  fresh.release();
  assert.equal(pool.busy, 0);
  await pool.close();
});
