import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { readTagger } from '../../../src/pii/tagger/tagger-file.ts';

const bytes = readFileSync(path.join(import.meta.dirname, '../../../weights/people.bin'));
const newline = bytes.indexOf(0x0a);
const header = JSON.parse(bytes.subarray(0, newline).toString()) as Record<string, unknown>;
const withHeader = (change: Record<string, unknown>): Uint8Array =>
  Buffer.concat([Buffer.from(JSON.stringify({ ...header, ...change })), bytes.subarray(newline)]);

describe('readTagger()', () => {
  test('reads the shipped file, which is smaller than a megabyte', () => {
    const { lists, digest } = readTagger(bytes);

    assert.ok(bytes.length < 1_000_000 && lists.given.size > 1000 && digest.length === 64);
  });

  const hostile: readonly (readonly [string, Uint8Array])[] = [
    ['no header', new Uint8Array(100)],
    ['another format', withHeader({ format: 'other/1' })],
    ['another feature scheme', withHeader({ features: 'other' })],
    ['a scale of nothing', withHeader({ scale: 0 })],
    ['too few moves', withHeader({ moves: [1, 2] })],
    ['moves that are no numbers', withHeader({ moves: Array.from({ length: 25 }, () => 'x') })],
    [
      'a list that is longer than the file',
      withHeader({ lists: { ...Object(header['lists']), common: 199_999 } }),
    ],
    ['a negative list', withHeader({ lists: { ...Object(header['lists']), given: -1 } })],
    ['bytes left over', Buffer.concat([bytes, Buffer.from([1])])],
    ['a file cut off', bytes.subarray(0, bytes.length - 2)],
    ['a file cut off in the weights', bytes.subarray(0, 5000)],
  ];
  for (const [name, file] of hostile) {
    test(`refuses ${name}`, () =>
      assert.throws(() => readTagger(file), { code: 'EVALS_WEIGHTS_INVALID' }));
  }
});
