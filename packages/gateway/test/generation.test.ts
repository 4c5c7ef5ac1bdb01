import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { GatewayConfig, Route } from '../src/config.ts';
import { compileGeneration } from '../src/generation.ts';
import { hashTenantKey } from '../src/tenant-key.ts';
import { KEY, SECRET, testRoute } from './world.ts';

const upstream = { connect: () => Promise.reject(new Error('not used')) };

function config(route: Partial<Route> = {}, tenant: object = {}): GatewayConfig {
  return {
    routes: [testRoute(upstream, route)],
    tenants: [
      {
        id: 'acme',
        keyHash: hashTenantKey(SECRET, KEY),
        routes: ['support-live'],
        rpm: 5,
        ...tenant,
      },
    ],
  };
}

const digestOf = (value: GatewayConfig): string => compileGeneration(value, SECRET, 1).digest;
const { target } = testRoute(upstream);

test('the digest is the same for the same configuration, whatever the upstream object and the time', () => {
  const other = { connect: () => Promise.reject(new Error('another')) };

  assert.equal(digestOf(config()), digestOf(config({ upstream: other })));
  assert.equal(compileGeneration(config(), SECRET, 2).digest, digestOf(config()));
});

test('the digest changes with everything that decides how a request is treated', () => {
  const changes: GatewayConfig[] = [
    config({ target: { ...target, manifestDigest: 'd'.repeat(64) } }),
    config({ target: { ...target, promotionIndex: 8 } }),
    config({ limits: { holdBackChars: 1 } }),
    config({ unreadableParts: 'allow' }),
    config({ passFields: ['x'] }),
    config({ owner: 'somebody' }),
    config({}, { rpm: 6 }),
  ];

  const digests = new Set([config(), ...changes].map(digestOf));

  assert.equal(digests.size, changes.length + 1);
});

const refused: readonly [name: string, value: GatewayConfig][] = [
  ['a route without an owner', config({ owner: '' })],
  ['a target digest that is none', config({ target: { ...target, manifestDigest: 'x' } })],
  ['a target without a version', config({ target: { ...target, version: '' } })],
  ['a target without a promotion', config({ target: { ...target, promotionIndex: -1 } })],
  ['a limit of zero', config({ limits: { inFlight: 0 } })],
  ['a tenant of an unknown route', config({}, { routes: ['other'] })],
  ['a tenant without a rate', config({}, { rpm: 0 })],
  ['a tenant with a key instead of its hash', config({}, { keyHash: KEY })],
  ['two routes of one id', { ...config(), routes: [testRoute(upstream), testRoute(upstream)] }],
  [
    'two tenants with one key',
    { ...config(), tenants: [...config().tenants, ...config().tenants] },
  ],
];

for (const [name, value] of refused) {
  test(`a configuration with ${name} is refused`, () => {
    assert.throws(() => compileGeneration(value, SECRET, 1), { code: 'GATEWAY_CONFIG_INVALID' });
  });
}
