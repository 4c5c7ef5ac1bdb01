import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ownerOf } from '../src/owners.ts';

const owners = {
  routes: { 'support-live': 'team-support' },
  models: { 'support-assistant': 'team-models' },
  fallback: 'on-call',
};

test('the route decides before the model, the model before the default', () => {
  const owner = ownerOf(owners);

  assert.equal(owner({ route: 'support-live', model: 'support-assistant' }), 'team-support');
  assert.equal(owner({ route: 'other', model: 'support-assistant' }), 'team-models');
  assert.equal(owner({ component: 'receipts' }), 'on-call');
});

test('a label named like an inherited property finds the default', () => {
  assert.equal(ownerOf(owners)({ route: 'constructor', model: '__proto__' }), 'on-call');
});

test('a default, route or model without an owner cannot be watched', () => {
  const missing = { code: 'MONITOR_OWNER_MISSING' };

  assert.throws(() => ownerOf({ ...owners, fallback: ' ' }), missing);
  assert.throws(() => ownerOf({ ...owners, routes: { a: '' } }), missing);
});
