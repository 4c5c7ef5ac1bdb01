import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';

import { carryTunnel } from '../../src/egress/tunnel.ts';
import type { TunnelLimits } from '../../src/egress/tunnel.ts';
import { buildHello } from '../fixtures/client-hello.ts';

const limits: TunnelLimits = {
  helloMs: 1_000,
  connectMs: 1_000,
  idleMs: 1_000,
  lifetimeMs: 10_000,
  maxBytes: 1 << 20,
};

/** A client that sent all it had with its CONNECT request. */
const silentClient = (): Duplex =>
  new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });

test('sends nothing outside before the hello asks for the allowed name', async () => {
  let connections = 0;
  const outside = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  const { port } = outside.address() as AddressInfo;
  const client = silentClient();
  const rules: string[] = [];

  await carryTunnel({
    client,
    head: buildHello({ serverName: 'evil.test' }),
    name: 'allowed.test',
    address: '127.0.0.1',
    port,
    limits,
    onJudged: (rule) => rules.push(rule),
    onUpstream: () => undefined,
  });

  await new Promise((resolve) => outside.close(resolve));
  assert.deepEqual([rules, connections, client.destroyed], [['sni-mismatch'], 0, true]);
});

test('a rule for an address takes TLS without a name only', async () => {
  for (const [serverName, rule] of [
    ['evil.test', 'sni-mismatch'],
    [undefined, 'unreachable'],
  ] as const) {
    const rules: string[] = [];

    await carryTunnel({
      client: silentClient(),
      head: buildHello(serverName === undefined ? {} : { serverName }),
      name: null,
      address: '127.0.0.1',
      port: 1,
      limits,
      onJudged: (judged) => rules.push(judged),
      onUpstream: () => undefined,
    });

    assert.deepEqual(rules, [rule]);
  }
});
