import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { askChat } from '../../src/judge/chat-endpoint.ts';

let hits = 0;
const server = createServer((_, response) => {
  hits += 1;
  response.writeHead(200);
  const chunk = 'x'.repeat(16_384);
  const timer = setInterval(() => response.write(chunk), 1);
  response.on('close', () => clearInterval(timer));
});
before(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const endpoint = (): { baseUrl: string; model: string; backoffMs: number } => ({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`,
  model: 'm',
  backoffMs: 1,
});

test('a body without end is cut off at its bound and not asked for again', async () => {
  await assert.rejects(askChat(endpoint(), { system: 's', user: 'u' }), {
    code: 'EVALS_JUDGE_INVALID',
  });
  assert.equal(hits, 1);
});

test('an aborted question is aborted, not retried', async () => {
  hits = 0;
  await assert.rejects(
    askChat(endpoint(), { system: 's', user: 'u', signal: AbortSignal.abort() }),
    { code: 'EVALS_ABORTED' },
  );
  assert.equal(hits, 0);
});
