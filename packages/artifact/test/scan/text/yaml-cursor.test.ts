import assert from 'node:assert/strict';
import { test } from 'node:test';

import { YamlCursor } from '../../../src/scan/text/yaml-cursor.ts';

test('a gap is spaces, line ends and comments, which a space precedes', () => {
  const cursor = new YamlCursor('  # a\n\n # b\n c#d # e\nf');

  assert.equal(cursor.gap(), true);
  assert.equal(cursor.column(), 1);
  assert.equal(cursor.plain(-1, false), 'c#d');
  assert.equal(cursor.gap(), true);
  assert.equal(cursor.plain(-1, false), 'f');
  assert.equal(cursor.done, true);
});

test('a scalar without quotes goes on over deeper lines and ends at a colon', () => {
  assert.equal(new YamlCursor('a b\n  c\n\n  d\ne').plain(0, false), 'a b c\nd');
  assert.equal(new YamlCursor('a:b: c').plain(0, false), 'a:b');
  assert.equal(new YamlCursor('a,b]').plain(0, true), 'a');
  assert.throws(() => new YamlCursor('@a').plain(0, false), /cannot begin a value/);
});
