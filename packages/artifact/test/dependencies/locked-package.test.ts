import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  normalizePypiName,
  packageKey,
  packageUrl,
} from '../../src/dependencies/locked-package.ts';

test('names of PyPI are one name however they are spelt; those of npm are not', () => {
  assert.equal(normalizePypiName('Some_.Name'), 'some-name');
  const key = (ecosystem: string, name: string): string => packageKey({ ecosystem, name });

  assert.equal(key('PyPI', 'Some_Name'), key('PyPI', 'some.name'));
  assert.notEqual(key('npm', 'Some_Name'), key('npm', 'some.name'));
  assert.notEqual(key('npm', 'a'), key('PyPI', 'a'));
});

test('a package URL escapes what separates its parts', () => {
  const url = packageUrl({ ecosystem: 'npm', name: '@scope/a?b', version: '1.0.0+x#y' });

  assert.equal(url, 'pkg:npm/%40scope/a%3Fb@1.0.0%2Bx%23y');
});
