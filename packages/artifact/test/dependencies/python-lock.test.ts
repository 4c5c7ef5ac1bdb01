import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parsePoetryLock, parsePylock, parseUvLock } from '../../src/dependencies/python-lock.ts';
import { ArtifactError } from '../../src/errors.ts';

const HEX = 'ab'.repeat(32);
const locked = (name: string, version: string, integrity: string | null, development = false) => ({
  ecosystem: 'PyPI',
  name,
  version,
  integrity,
  development,
});

test('uv.lock: packages of an index, without the project; one unhashed archive unpins', () => {
  const text = `version = 1
requires-python = ">=3.12"

[[package]]
name = "my-app"
version = "0.1.0"
source = { virtual = "." }

[[package]]
name = "Typing_Extensions"
version = "4.15.0"
source = { registry = "https://example.org/simple" }
sdist = { url = "https://example.org/a.tar.gz", hash = "sha256:${HEX}", size = 1 }
wheels = [
    { url = "https://example.org/a.whl", hash = "sha256:${HEX}", size = 2 },
]

[[package]]
name = "from-git"
version = "1.0"
source = { git = "https://example.org/x.git?rev=abc#abc" }
`;

  assert.deepEqual(parseUvLock(text), [
    locked('typing-extensions', '4.15.0', `sha256:${HEX}`),
    locked('from-git', '1.0', null),
  ]);
});

test('poetry.lock: groups of version 2.1 and categories before tell development', () => {
  const text = `[[package]]
name = "a"
version = "1.0"
optional = false
groups = ["main", "dev"]
files = [
    {file = "a.whl", hash = "sha256:${HEX}"},
]

[[package]]
name = "b"
version = "2.0"
groups = ["dev"]
files = [{file = "b.whl", hash = "md5:00"}]

[[package]]
name = "c"
version = "3.0"
category = "dev"
files = []

[metadata]
lock-version = "2.1"
`;

  assert.deepEqual(parsePoetryLock(text), [
    locked('a', '1.0', `sha256:${HEX}`),
    locked('b', '2.0', null, true),
    locked('c', '3.0', null, true),
  ]);
});

test('pylock.toml: hashes of archives and wheels; a folder without version is the project', () => {
  const text = `lock-version = '1.0'
created-by = 'x'
[[packages]]
name = 'attrs'
version = '25.1.0'
[[packages.wheels]]
name = 'attrs-25.1.0-py3-none-any.whl'
hashes = {sha256 = '${HEX}'}
[[packages]]
name = 'own'
directory = { path = '.' }
`;

  assert.deepEqual(parsePylock(text), [locked('attrs', '25.1.0', `sha256:${HEX}`)]);
});

describe('a lock that does not lock is refused', () => {
  const cases: readonly (readonly [string, () => unknown])[] = [
    ['no version', () => parseUvLock('[[package]]\nname = "a"')],
    ['no name', () => parsePoetryLock('[[package]]\nversion = "1"')],
    ['packages that are no tables', () => parseUvLock('package = ["a"]')],
    ['a package that is no list', () => parsePylock('packages = 1')],
    ['no TOML', () => parseUvLock('{}')],
  ];
  for (const [why, parse] of cases) {
    test(why, () => {
      assert.throws(
        parse,
        (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_LOCK_FILE_INVALID',
      );
    });
  }
});
