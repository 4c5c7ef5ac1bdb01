import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ArtifactError } from '../../src/errors.ts';
import { isValidAt, parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { makeInstance } from './instance.ts';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const text = makeInstance(NOW).trustedRoot;

test('logs, authorities and their validity are read', () => {
  const root = parseTrustedRoot(text);

  assert.deepEqual(
    root.artifactLogs.map(({ name }) => name),
    ['rekor.example.org', 'log2026.example.org'],
  );
  assert.equal(root.certificateAuthorities[0]?.chain.length, 2);
  assert.deepEqual(root.timestampAuthorities[0]?.validity, {
    startMs: NOW - 86_400_000,
    endMs: Number.POSITIVE_INFINITY,
  });
});

test('both ends of a validity count', () => {
  const validity = { startMs: 10, endMs: 20 };

  assert.deepEqual(
    [9, 10, 20, 21].map((atMs) => isValidAt(validity, atMs)),
    [false, true, true, false],
  );
});

describe('refused', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['another media type', text.replace('version=0.1', 'version=9')],
    ['a start that is missing', text.replace(/"start":"[^"]+"/, '"end":"2030-01-01T00:00:00Z"')],
    ['a time without zone', text.replace(/("start":"[^"]+)Z"/, '$1"')],
    ['a key that is none', text.replace(/"rawBytes":"[^"]+"/, '"rawBytes":"AAAA"')],
    ['another hash', text.replace('SHA2_256', 'SHA2_512')],
    ['a key that appears twice', text.replace('{', '{"tlogs":[],')],
    ['no JSON', 'trusted'],
  ];
  for (const [name, changed] of cases) {
    test(name, () => {
      assert.notEqual(changed, text);
      assert.throws(
        () => parseTrustedRoot(changed),
        (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_TRUSTED_ROOT_INVALID',
      );
    });
  }
});
