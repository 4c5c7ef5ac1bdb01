import assert from 'node:assert/strict';
import { test } from 'node:test';

import { emptyReport, sha256In } from '../../src/dependencies/reported.ts';

const HEX = 'ab'.repeat(32);

test('digests of image ids and references', () => {
  assert.deepEqual(sha256In(`sha256:${HEX}`), [HEX]);
  assert.deepEqual(sha256In(`registry.example/a@sha256:${HEX}`), [HEX]);
  for (const other of [
    '',
    HEX,
    `xsha256:${HEX}`,
    `sha256:${HEX}0`,
    `sha256:${HEX.toUpperCase()}`,
  ]) {
    assert.deepEqual(sha256In(other), [], other);
  }
});

test('a report that says nothing knows nothing', () => {
  assert.partialDeepStrictEqual(emptyReport('f', 'u', null), {
    packages: null,
    finishedAtMs: null,
    database: { lastUpdateMs: null },
    vulnerabilities: [],
  });
});
