import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { startBridge } from '../../src/sandbox-init/bridge.ts';
import { temporaryFolder } from '../fixtures/sandbox.ts';

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly complete: boolean;
}

/** A TCP server behind a bridge that lists POST /v1/echo and GET /v1/die. */
async function bridged(t: TestContext) {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    if (incoming.url === '/v1/die') {
      outgoing.write('half');
      outgoing.once('drain', () => undefined);
      setImmediate(() => outgoing.destroy());
      return;
    }
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socketPath = path.join(temporaryFolder(t), 's.sock');
  const bridge = await startBridge({
    socketPath,
    port: (server.address() as AddressInfo).port,
    routes: [
      { method: 'POST', path: '/v1/echo' },
      { method: 'GET', path: '/v1/die' },
    ],
  });
  t.after(() => {
    bridge.close();
    server.close();
  });
  return {
    seen,
    ask: (method: string, url: string, body = '') => ask(socketPath, method, url, body),
  };
}

async function ask(socketPath: string, method: string, url: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path: url, agent: false }, (response) => {
      void collect(response).then(resolve);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function collect(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', () => undefined);
  await new Promise((resolve) => response.once('close', resolve));
  return {
    status: response.statusCode,
    body: Buffer.concat(chunks).toString(),
    complete: response.complete,
  };
}

test('forwards a listed request with its query and body', async (t) => {
  const { seen, ask: to } = await bridged(t);

  const answer = await to('POST', '/v1/echo?x=1', 'hello');

  assert.deepEqual([answer.status, answer.body], [200, 'hello']);
  assert.deepEqual(seen, ['POST /v1/echo?x=1']);
});

for (const [method, url] of [
  ['GET', '/v1/echo'],
  ['POST', '/v1/echo/'],
  ['POST', '/v1/../v1/echo'],
  ['POST', '//v1/echo'],
  ['POST', '/V1/echo'],
  ['POST', '/v1/%65cho'],
  ['POST', '/update_weights'],
  ['POST', 'http://127.0.0.1/v1/echo'],
] as const) {
  test(`answers 404 to ${method} ${url} without asking the server`, async (t) => {
    const { seen, ask: to } = await bridged(t);

    const answer = await to(method, url, 'x');

    assert.equal(answer.status, 404);
    assert.deepEqual(seen, []);
  });
}

test('a server that dies mid-answer breaks the answer instead of ending it', async (t) => {
  const { ask: to } = await bridged(t);

  const answer = await to('GET', '/v1/die');

  assert.equal(answer.complete, false);
});
