import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isOciReference, parseReference } from '../src/reference.ts';

const HEX = 'a'.repeat(64);

test('host, port, repository, tag and digest are told apart', () => {
  assert.deepEqual(parseReference(`oci:r.example:5000/a/b-c:1.0@sha256:${HEX}`), {
    kind: 'registry',
    host: 'r.example:5000',
    repository: 'a/b-c',
    tag: '1.0',
    digest: `sha256:${HEX}`,
  });
  const { tag, digest } = parseReference('oci:localhost:5000/a');
  assert.deepEqual([tag, digest], [null, null]);
  assert.deepEqual(parseReference('oci-layout:/models/store:1.0'), {
    kind: 'layout',
    folder: '/models/store',
    tag: '1.0',
    digest: null,
  });
});

describe('refused', () => {
  for (const text of [
    'registry.example/a:1',
    'oci:a',
    'oci:/a',
    'oci:r.example/A:1',
    'oci:r.example/a..b:1',
    'oci:r.example/../b:1',
    'oci:r.example/a:-x',
    'oci:r.example/a:',
    'oci:user:secret@r.example/a:1',
    `oci:r.example/a@sha256:${HEX.toUpperCase()}`,
    'oci:r.example/a@sha512:00',
    'oci:r.example/a?b:1',
    'oci:r example/a:1',
    'oci-layout::1',
    `oci:r.example/${'a'.repeat(2000)}`,
  ]) {
    test(text.slice(0, 60), () => {
      assert.throws(() => parseReference(text), { code: 'OCI_REFERENCE_INVALID' });
    });
  }
});

test('NAME@VERSION is no reference to a registry', () => {
  assert.deepEqual(['oci:a/b', 'oci-layout:x', 'assistant@1.0'].map(isOciReference), [
    true,
    true,
    false,
  ]);
});
