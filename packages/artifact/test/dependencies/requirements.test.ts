import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseRequirements } from '../../src/dependencies/requirements.ts';
import { ArtifactError } from '../../src/errors.ts';

const HASH = `sha256:${'0a'.repeat(32)}`;

test('exact pins with hashes, over several lines, with extras, markers and comments', () => {
  const text = [
    '# compiled',
    '--require-hashes',
    `Foo_Bar[x, y]==1.2.3 ; python_version < "4" \\`,
    `    --hash=${HASH} \\`,
    `    --hash=${HASH}  # via -r in.txt`,
    '',
    'plain == 2.0',
    'odd===2.0+local',
  ].join('\n');

  assert.deepEqual(parseRequirements(text), [
    { ecosystem: 'PyPI', name: 'foo-bar', version: '1.2.3', integrity: HASH, development: false },
    { ecosystem: 'PyPI', name: 'plain', version: '2.0', integrity: null, development: false },
    { ecosystem: 'PyPI', name: 'odd', version: '2.0+local', integrity: null, development: false },
  ]);
});

describe('parseRequirements() refuses what pins nothing', () => {
  const lines = [
    'foo',
    'foo>=1.0',
    'foo==1.*',
    'foo==1.0,<2',
    'foo~=1.0',
    '-r other.txt',
    '-e .',
    'foo @ https://example.org/foo.whl',
    'https://example.org/foo.whl',
    './foo',
    '--index-url https://example.org/simple',
    '--extra-index-url https://example.org/simple',
    `foo==1.0 --hash=md5:${'0'.repeat(32)}`,
    'foo==1.0 --hash=sha256:short',
    'foo==1.0 \\',
  ];
  for (const line of lines) {
    test(line, () => {
      assert.throws(
        () => parseRequirements(line),
        (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_LOCK_FILE_INVALID',
      );
    });
  }
});
