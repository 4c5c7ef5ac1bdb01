import assert from 'node:assert/strict';
import { test } from 'node:test';

import { memoryOutbox } from '../../src/delivery/outbox.ts';
import type { Delivery } from '../../src/delivery/outbox.ts';

const delivery = { id: 'a', receiverId: 'r', tries: 0, nextAtMs: 10 } as Delivery;

test('the memory outbox is idempotent by id, gives what is due in order, and forgets what is removed', async () => {
  const outbox = memoryOutbox();

  await outbox.put([{ ...delivery, id: 'late', nextAtMs: 30 }, delivery]);
  await outbox.put([{ ...delivery, nextAtMs: 99 }]);
  assert.deepEqual(await outbox.due(9, 10), []);
  assert.deepEqual(
    (await outbox.due(30, 10)).map(({ id }) => id),
    ['a', 'late'],
  );
  assert.equal((await outbox.due(30, 1)).length, 1);
  await outbox.postpone('a', 1, 50);
  assert.deepEqual(
    (await outbox.due(40, 10)).map(({ id }) => id),
    ['late'],
  );
  await outbox.remove('late');
  assert.deepEqual(await outbox.due(50, 10), [{ ...delivery, tries: 1, nextAtMs: 50 }]);
});
