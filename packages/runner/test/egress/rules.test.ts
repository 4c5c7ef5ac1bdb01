import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAuthority } from '../../src/egress/authority.ts';
import { compileRules, findRule } from '../../src/egress/rules.ts';

const rules = compileRules([
  { host: 'Allowed.Test.', port: 443 },
  { host: '2606:4700::1111', port: 443 },
]);
const allows = (text: string): boolean => findRule(rules, readAuthority(text)) !== null;

test('allows exactly the named host and port, in every spelling of the same name', () => {
  assert.ok(allows('allowed.test:443'));
  assert.ok(allows('ALLOWED.test.:443'));
  assert.ok(allows('[2606:4700:0::1111]:443'));
});

test('allows no other port, subdomain, suffix or malformed destination', () => {
  for (const text of [
    'allowed.test:80',
    'xallowed.test:443',
    'a.allowed.test:443',
    'allowed.test.evil:443',
    'test:443',
    'user@allowed.test:443',
  ]) {
    assert.ok(!allows(text), text);
  }
});

test('no rules allow nothing', () => {
  assert.equal(findRule(compileRules([]), readAuthority('allowed.test:443')), null);
});

test('refuses a rule that is not one exact destination', () => {
  for (const rule of [
    { host: '*.allowed.test', port: 443 },
    { host: '', port: 443 },
    { host: 'allowed.test', port: 0 },
    { host: 'allowed.test', port: 443, addresses: ['not an address'] },
  ]) {
    assert.throws(() => compileRules([rule]), { code: 'RUNNER_EGRESS_RULE_INVALID' });
  }
  const many = Array.from({ length: 257 }, () => ({ host: 'a.test', port: 443 }));
  assert.throws(() => compileRules(many), { code: 'RUNNER_EGRESS_RULE_INVALID' });
});
