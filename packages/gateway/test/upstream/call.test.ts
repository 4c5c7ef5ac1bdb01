import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { callUpstream } from '../../src/upstream/call.ts';
import type { UpstreamRequest } from '../../src/upstream/call.ts';
import { ConnectionPool } from '../../src/upstream/connection-pool.ts';
import { connectTo, until } from '../world.ts';

const request: UpstreamRequest = {
  body: Buffer.from('{}'),
  stream: true,
  traceparent: '00-1-1-01',
  limits: { firstByteMs: 1000, idleMs: 1000, totalMs: 5000, responseBytes: 1024 * 1024 },
  signal: new AbortController().signal,
};

async function withServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  step: (pool: ConnectionPool) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-call-'));
  const socket = path.join(folder, 's');
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const pool = new ConnectionPool({ connect: () => connectTo(socket) });
  try {
    await step(pool);
  } finally {
    await pool.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function read(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
}

function lease(pool: ConnectionPool) {
  const leased = pool.acquire(10);
  assert.ok(leased);
  return leased;
}

test('an answer is given with its status and body, and the connection is free afterwards', async () => {
  await withServer(
    (_request, response) => {
      response.writeHead(201, { 'content-type': 'Text/Plain' }).end('hello');
    },
    async (pool) => {
      const answer = await callUpstream(lease(pool), request);

      assert.equal(answer.status, 201);
      assert.equal(answer.contentType, 'text/plain');
      assert.equal(await read(answer.body), 5);
      assert.equal(pool.busy, 0);
    },
  );
});

test('an abort reaches the server, before and after the first byte', async () => {
  let closed = 0;
  let received = 0;
  await withServer(
    (incoming, response) => {
      received += 1;
      response.on('close', () => (closed += 1));
      if (received > 1) response.write('x');
      incoming.resume();
    },
    async (pool) => {
      const early = new AbortController();
      const waiting = callUpstream(lease(pool), { ...request, signal: early.signal });
      await until(() => received === 1);
      early.abort();
      await assert.rejects(waiting, { code: 'GATEWAY_CLIENT_GONE' });

      const late = new AbortController();
      const answer = await callUpstream(lease(pool), { ...request, signal: late.signal });
      late.abort();
      await assert.rejects(read(answer.body), { code: 'GATEWAY_CLIENT_GONE' });

      await until(() => closed === 2);
      assert.equal(pool.busy, 0);
      await assert.rejects(callUpstream(lease(pool), { ...request, signal: late.signal }), {
        code: 'GATEWAY_CLIENT_GONE',
      });
    },
  );
});

test('a body over the limit is cut off', async () => {
  await withServer(
    (_request, response) => {
      response.end(Buffer.alloc(100_000));
    },
    async (pool) => {
      const limits = { ...request.limits, responseBytes: 50_000 };
      const answer = await callUpstream(lease(pool), { ...request, limits });

      await assert.rejects(read(answer.body), { code: 'GATEWAY_UPSTREAM_INVALID' });
    },
  );
});

test('an answer that breaks off is a failure, not an end', async () => {
  await withServer(
    (_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => response.destroy());
    },
    async (pool) => {
      const broken = callUpstream(lease(pool), request).then((answer) => read(answer.body));

      await assert.rejects(broken, { code: 'GATEWAY_UPSTREAM_UNAVAILABLE' });
    },
  );
});

test('a server that is faster than its consumer is held back', async () => {
  const size = 32 * 1024 * 1024;
  let written = 0;
  await withServer(
    (_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (written < size) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    },
    async (pool) => {
      const limits = { ...request.limits, responseBytes: 2 * size };
      const answer = await callUpstream(lease(pool), { ...request, limits });
      for (let turn = 0; turn < 200; turn += 1) await new Promise((next) => setImmediate(next));
      const ahead = written;

      const bytes = await read(answer.body);

      assert.equal(bytes, size);
      assert.ok(ahead < size / 4, `${ahead} bytes were taken although nobody read`);
    },
  );
});
