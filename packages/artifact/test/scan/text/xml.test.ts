import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inspect, rules } from '../outcome.ts';

test('X-1 a document type or entity blocks, in any encoding', () => {
  const evil =
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><PMML/>';

  assert.equal(rules('a.pmml', Buffer.from(evil)), 'X-1');
  assert.equal(
    rules('a.pmml', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(evil, 'utf16le')])),
    'X-1',
  );
});

test('a plain PMML document is clean, also when it mentions a DOCTYPE in a comment', () => {
  const plain = '<?xml version="1.0"?><!-- no <!DOCTYPE here --><PMML version="4.4"></PMML>';

  assert.equal(rules('a.pmml', Buffer.from(plain)), '');
  assert.equal(inspect('a.pmml', Buffer.from(plain)).format, 'pmml');
});

test('X-1 an include of other files blocks, and an unknown encoding is incomplete', () => {
  assert.equal(
    rules(
      'a.xml',
      Buffer.from('<?xml version="1.0"?><a xmlns:xi="http://www.w3.org/2001/XInclude"/>'),
    ),
    'X-1',
  );
  assert.equal(rules('a.xml', Buffer.from('<?xml version="1.0" encoding="utf-7"?><a/>')), 'C-4');
});
