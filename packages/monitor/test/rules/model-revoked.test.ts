import assert from 'node:assert/strict';
import { test } from 'node:test';

import { modelRevoked } from '../../src/rules/model-revoked.ts';
import { NOW, route, viewOf } from '../facts.ts';

test('a model that was revoked while it served is told to the owner of its route, with the reason', () => {
  const revocation = {
    route: route.id,
    model: route.model,
    version: '1.3.0',
    reason: 'trained on stolen rows',
    atMs: NOW,
  };

  const findings = modelRevoked.evaluate(viewOf([{ kind: 'revocation', revocation }]));

  assert.deepEqual(findings, [
    {
      labels: { route: 'support-live', model: 'support-assistant', version: '1.3.0' },
      state: 'bad',
      summary: 'support-assistant@1.3.0 was revoked and serves no more: trained on stolen rows',
    },
  ]);
});

test('no revocation, no alert', () => {
  assert.deepEqual(modelRevoked.evaluate(viewOf([])), []);
});
