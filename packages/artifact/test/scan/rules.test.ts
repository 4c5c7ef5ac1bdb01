import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RULES, findRule, rule } from '../../src/scan/rules.ts';

test('every rule has an id of its requirement, a title, help and at least one weakness', () => {
  for (const [id, { title, help, taxa }] of RULES) {
    assert.match(id, /^[A-Z]-\d+(?:-U)?$/);
    assert.ok(title.length > 8 && help.length > 20 && help.endsWith('.'), id);
    assert.ok(
      taxa.every((taxon) => /^(?:CWE-\d+|CVE-\d{4}-\d+|GHSA(?:-[a-z0-9]{4}){3})$/.test(taxon)),
      id,
    );
  }
});

test('a rule is found by what a person typed', () => {
  assert.equal(findRule('p-1'), rule('P-1'));
  assert.equal(findRule('P-999'), null);
});
