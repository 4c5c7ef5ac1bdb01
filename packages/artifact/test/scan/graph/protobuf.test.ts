import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource } from '../../../src/scan/byte-source.ts';
import { fields, isMessage, messageOf, varints } from '../../../src/scan/graph/protobuf.ts';
import { bytes } from '../pickle-bytes.ts';
import { field } from '../samples.ts';

const free = (): void => undefined;
const read = (content: Uint8Array): unknown[] => [...fields(messageOf(bytesSource(content)), free)];

test('fields of every wire type are walked', () => {
  const all = bytes(field(1, 300), field(2, 'ab'), 0x19, Buffer.alloc(8), 0x25, Buffer.alloc(4));

  assert.deepEqual(
    [...fields(messageOf(bytesSource(all)), free)].map(({ id, wire, value }) => [id, wire, value]),
    [
      [1, 0, 300n],
      [2, 2, 0n],
      [3, 1, 0n],
      [4, 5, 0n],
    ],
  );
});

test('groups, field zero, long integers and lengths over the end are refused', () => {
  assert.throws(() => read(bytes(0x0b)), { code: 'SCAN_MALFORMED' });
  assert.throws(() => read(bytes(0x00, 0x01)), { code: 'SCAN_MALFORMED' });
  assert.throws(() => read(bytes(0x08, Buffer.alloc(11, 0xff))), { code: 'SCAN_MALFORMED' });
  assert.throws(() => read(bytes(0x0a, 0x05, 'ab')), { code: 'SCAN_TRUNCATED' });
});

test('packed and single integers are the same, negative ones too', () => {
  const packed = messageOf(bytesSource(field(1, Buffer.from([1, 0xac, 0x02]))));
  const [only] = [...fields(packed, free)];

  assert.ok(only !== undefined);
  assert.deepEqual(varints(packed, only), [1n, 300n]);
  assert.ok(isMessage(packed, () => true) && !isMessage(packed, () => false));
});
