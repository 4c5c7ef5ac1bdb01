import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { readRequestBytes } from '../../src/http/request-body.ts';

/** Sends raw bytes and gives what `readRequestBytes` made of them. */
async function read(raw: string, close = false): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    readRequestBytes(request, { maxBytes: 10, timeoutMs: 30 }).then(
      (bytes) => {
        resolve(bytes.toString());
        response.end();
      },
      (error: unknown) => {
        resolve(String((error as { code?: string }).code));
        response.destroy();
      },
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\n${raw}`);
  if (close) socket.end();
  const result = await promise;
  socket.destroy();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  return result;
}

test('a body arrives whole, with a length or in chunks', async () => {
  assert.equal(await read('content-length: 5\r\n\r\nhello'), 'hello');
  assert.equal(await read('transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'), 'hello');
  assert.equal(await read('content-length: 0\r\n\r\n'), '');
});

test('a body over the limit is refused by its header, and while it arrives', async () => {
  const chunked = `transfer-encoding: chunked\r\n\r\nb\r\n${'x'.repeat(11)}\r\n`;

  assert.equal(await read('content-length: 11\r\n\r\n'), 'GATEWAY_BODY_TOO_LARGE');
  assert.equal(await read(chunked), 'GATEWAY_BODY_TOO_LARGE');
});

test('a body that stalls or breaks off is incomplete', async () => {
  assert.equal(await read('content-length: 5\r\n\r\nhe'), 'GATEWAY_BODY_INCOMPLETE');
  assert.equal(await read('content-length: 5\r\n\r\nhe', true), 'GATEWAY_BODY_INCOMPLETE');
});

test('other content types and encodings are refused before a byte is read', async () => {
  const refused = 'GATEWAY_REQUEST_INVALID';

  assert.equal(await read('content-type: text/xml\r\ncontent-length: 1\r\n\r\n'), refused);
  assert.equal(await read('content-type: application/jsonp\r\ncontent-length: 1\r\n\r\n'), refused);
  assert.equal(await read('content-encoding: br\r\ncontent-length: 1\r\n\r\n'), refused);
});
