import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { AnswerWriter } from '../../src/http/answer-writer.ts';

const headers = { traceId: 't', receiptId: () => 'rcpt_1', model: () => 'm@1' };

/** Runs `step` on the response of one raw request. */
async function serving(
  step: (writer: AnswerWriter) => Promise<void> | void,
  client: (socket: net.Socket) => void,
): Promise<{ readonly error: unknown; readonly text: string }> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const server = createServer((_request, response) => {
    const writer = new AnswerWriter(response, headers, () => undefined);
    Promise.resolve()
      .then(() => step(writer))
      .then(resolve, resolve);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  client(socket);
  socket.on('error', () => undefined);
  const closed = new Promise((done) => socket.on('close', done));
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  if (socket.listenerCount('data') === 0 && !socket.isPaused()) {
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  }
  const error = await promise;
  if (!socket.isPaused()) await closed;
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  return { error, text };
}

test('a whole answer has our headers, a length and no compression', async () => {
  const { text } = await serving(
    (writer) => {
      writer.whole(200, Buffer.from('{}'));
    },
    () => undefined,
  );

  assert.match(text, /^HTTP\/1\.1 200/);
  assert.match(text, /x-proofmark-receipt: rcpt_1\r\n/);
  assert.match(text, /x-proofmark-model: m@1\r\n/);
  assert.match(text, /cache-control: no-store\r\n/);
  assert.match(text, /content-length: 2\r\n/);
  assert.ok(text.endsWith('\r\n\r\n{}'));
});

test('a stream tells proxies in between not to collect it', async () => {
  const { text } = await serving(
    async (writer) => {
      writer.beginStream();
      await writer.event(Buffer.from('data: a\n\n'));
      writer.endStream(Buffer.from('data: b\n\n'));
    },
    () => undefined,
  );

  assert.match(text, /text\/event-stream/);
  assert.match(text, /no-cache, no-transform/);
  assert.match(text, /x-accel-buffering: no/);
  assert.match(text, /data: a\n\n[\s\S]*data: b\n\n/);
});

test('a client that does not read holds the writer back, and one that leaves ends it', async () => {
  let written = 0;
  let stopped: net.Socket | null = null;

  const { error } = await serving(
    async (writer) => {
      writer.beginStream();
      const event = Buffer.alloc(256 * 1024, 'x');
      for (;;) {
        const pending = writer.event(event);
        written += event.length;
        // The socket takes megabytes at most; then the writer waits and the client leaves.
        if (written === 64 * 1024 * 1024) throw new Error('nothing held the writer back');
        setImmediate(() => written > 16 * 1024 * 1024 && stopped?.destroy());
        const timer = setTimeout(() => stopped?.destroy(), 100);
        await pending;
        clearTimeout(timer);
      }
    },
    (socket) => {
      stopped = socket;
      socket.pause();
    },
  );

  assert.equal((error as { code?: string }).code, 'GATEWAY_CLIENT_GONE');
});
