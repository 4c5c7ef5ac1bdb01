import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseNpmLock } from '../../src/dependencies/npm-lock.ts';
import { ArtifactError } from '../../src/errors.ts';

test('parseNpmLock() lists what is installed, nested and scoped, and what is only for development', () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': { name: 'root' },
      'packages/a': { version: '1.0.0' },
      'node_modules/a': { link: true, resolved: 'packages/a' },
      'node_modules/undici': { version: '8.0.0', integrity: 'sha512-x' },
      'node_modules/@scope/n/node_modules/deep': { version: '2.0.0' },
      'node_modules/alias': { name: 'real', version: '3.0.0', dev: true },
    },
  };

  assert.deepEqual(parseNpmLock(JSON.stringify(lock)), [
    {
      ecosystem: 'npm',
      name: 'undici',
      version: '8.0.0',
      integrity: 'sha512-x',
      development: false,
    },
    { ecosystem: 'npm', name: 'deep', version: '2.0.0', integrity: null, development: false },
    { ecosystem: 'npm', name: 'real', version: '3.0.0', integrity: null, development: true },
  ]);
});

describe('parseNpmLock() refuses', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['text that is not JSON', 'lockfileVersion: 3'],
    [
      'a repeated key',
      '{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"},"node_modules/a":{"version":"2.0.0"}}}',
    ],
    ['lockfileVersion 1', '{"lockfileVersion":1,"dependencies":{}}'],
    ['no packages', '{"lockfileVersion":3}'],
    ['an entry without version', '{"lockfileVersion":3,"packages":{"node_modules/a":{}}}'],
    ['an entry that is no object', '{"lockfileVersion":3,"packages":{"node_modules/a":1}}'],
    ['a list', '[]'],
  ];
  for (const [name, text] of refused) {
    test(name, () => {
      assert.throws(
        () => parseNpmLock(text),
        (e) => e instanceof ArtifactError && e.code === 'ARTIFACT_LOCK_FILE_INVALID',
      );
    });
  }
});
