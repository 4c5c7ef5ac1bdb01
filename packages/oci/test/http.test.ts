import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';

import { collect } from '../src/bounded-bytes.ts';
import { send } from '../src/http.ts';

const server = createServer((request, response) => {
  if (request.url === '/silent') return;
  if (request.url === '/stalls') {
    response.writeHead(200, { 'content-length': '10' }).write('abc');
    return;
  }
  if (request.url === '/moved') {
    response.writeHead(302, { location: '/elsewhere' }).end();
    return;
  }
  request.pipe(response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
after(() => {
  server.closeAllConnections();
  server.close();
});
const url = (path: string): URL =>
  new URL(path, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
const plain = { method: 'GET', headers: {}, signal: undefined, idleTimeoutMs: 5000 } as const;

test('a body goes out and comes back, and a redirect is only told', async () => {
  const echoed = await send({
    ...plain,
    method: 'PUT',
    url: url('/'),
    body: {
      sizeBytes: 3,
      async *read() {
        yield await Promise.resolve(Buffer.from('abc'));
      },
    },
  });
  assert.equal(Buffer.from(await collect(echoed.body, 10)).toString(), 'abc');

  const moved = await send({ ...plain, url: url('/moved') });
  moved.discard();
  assert.deepEqual([moved.status, moved.headers.location], [302, '/elsewhere']);
});

test('a server that says nothing, and one that stops in the middle, are left', async () => {
  await assert.rejects(send({ ...plain, url: url('/silent'), idleTimeoutMs: 50 }), /silent/);
  const stalled = await send({ ...plain, url: url('/stalls'), idleTimeoutMs: 50 });
  await assert.rejects(collect(stalled.body, 10));
});

test('a request can be cancelled', async () => {
  const controller = new AbortController();
  const waiting = send({ ...plain, url: url('/silent'), signal: controller.signal });
  controller.abort();

  await assert.rejects(waiting);
});
