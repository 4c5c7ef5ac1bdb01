import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { startRelay } from '../../src/sandbox-init/relay.ts';
import { temporaryFolder } from '../fixtures/sandbox.ts';

test('carries bytes both ways between a loopback port and the egress socket', async (t) => {
  const socketPath = path.join(temporaryFolder(t), 'egress.sock');
  const proxy = createServer((socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => proxy.listen(socketPath, resolve));
  const relay = await startRelay(0, socketPath);
  t.after(() => {
    proxy.close();
    relay.close();
  });

  const client = connect((relay.address() as AddressInfo).port, '127.0.0.1');
  client.end('hello');
  const chunks = (await Array.fromAsync(client)) as Buffer[];

  assert.equal(Buffer.concat(chunks).toString(), 'hello');
});

test('without a proxy behind it a connection just ends', async (t) => {
  const relay = await startRelay(0, path.join(temporaryFolder(t), 'absent.sock'));
  t.after(() => relay.close());

  const client = connect((relay.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => client.destroy());

  await new Promise<void>((resolve) => client.once('close', () => resolve()));
});
