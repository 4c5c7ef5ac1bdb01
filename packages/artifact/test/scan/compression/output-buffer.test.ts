import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OutputBuffer } from '../../../src/scan/compression/output-buffer.ts';

test('a copy may overlap what it writes, as run lengths do', () => {
  const output = new OutputBuffer(100);
  output.push(7);
  output.copy(1, 5);
  output.append(Uint8Array.of(1, 2));
  output.copy(2, 4);

  assert.deepEqual([...output.bytes()], [7, 7, 7, 7, 7, 7, 1, 2, 1, 2, 1, 2]);
  assert.equal(output.back(1), 2);
});

test('it never grows above its bound nor reads before its start', () => {
  const output = new OutputBuffer(4);
  output.append(Uint8Array.of(1, 2, 3, 4));

  assert.throws(() => output.push(5), { code: 'SCAN_LIMIT' });
  assert.throws(() => output.copy(9, 1), { code: 'SCAN_MALFORMED' });
});
