import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { collect, verified } from '../src/bounded-bytes.ts';
import { describe } from '../src/descriptor.ts';

async function* parts(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

test('bytes pass in whatever parts they come', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 9 })), async (chunks) => {
      const whole = Buffer.concat(chunks);

      const got = await collect(verified(parts(...chunks), describe('a/b', whole)), whole.length);

      assert.deepEqual(Buffer.from(got), whole);
    }),
  ));

test('more, fewer and other bytes are refused', async () => {
  const expected = describe('a/b', Buffer.from('abc'));
  for (const text of ['abcd', 'ab', 'abd', '']) {
    await assert.rejects(collect(verified(parts(Buffer.from(text)), expected), 99), {
      code: 'OCI_DIGEST_MISMATCH',
    });
  }
});

test('a stream without end is cut at the announced size', async () => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      asked += 1;
      yield await Promise.resolve(Buffer.alloc(10));
    }
  }
  await assert.rejects(collect(endless(), 35), { code: 'OCI_DIGEST_MISMATCH' });
  assert.equal(asked, 4);
});
