import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EgressAttempt } from '../../src/observation.ts';
import { egressAttempt } from '../../src/rules/egress.ts';
import { DIGEST, NOW, viewOf } from '../facts.ts';

function attempt(fields: Partial<EgressAttempt> = {}): EgressAttempt {
  return {
    tenant: 'acme',
    model: 'support-assistant',
    version: '1.2.0',
    manifestDigest: DIGEST,
    outcome: 'denied',
    rule: 'not-allowed',
    destination: 'evil.example:443',
    count: 1,
    atMs: NOW,
    ...fields,
  };
}

function evaluate(attempts: readonly EgressAttempt[]) {
  return egressAttempt.evaluate(viewOf(attempts.map((a) => ({ kind: 'egress', attempt: a }))));
}

test('one denied attempt names model, version, digest, tenant and destination', () => {
  const [finding] = evaluate([attempt()]);

  assert.deepEqual(finding?.labels, {
    model: 'support-assistant',
    version: '1.2.0',
    digest: DIGEST,
    tenant: 'acme',
    destination: 'evil.example:443',
  });
  assert.equal(finding.state, 'bad');
});

test('attempts on one destination are one alert with their number; allowed ones are none', () => {
  const findings = evaluate([
    attempt(),
    attempt({ count: 4 }),
    attempt({ outcome: 'allowed', destination: 'ok.example:443' }),
  ]);

  assert.equal(findings.length, 1);
  assert.match(findings[0]?.summary ?? '', /5 times/);
});

test('a model that tries ten thousand hosts makes a bounded number of alerts', () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    attempt({ destination: `h${i}.example:443` }),
  );

  const findings = evaluate(many);

  assert.equal(findings.length, 51);
  assert.ok(findings.some(({ labels }) => labels['destination'] === 'further destinations'));
});

test('a direct attempt without a known destination is reported too', () => {
  const [finding] = evaluate([attempt({ destination: null })]);

  assert.equal(finding?.labels['destination'], 'unknown (direct attempt)');
});
