import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import type { Alert } from '../../src/alert.ts';
import { alertLine, lineReceiver, webhookReceiver } from '../../src/delivery/receiver.ts';
import { verifyWebhook } from '../../src/delivery/webhook.ts';

const NOW = 1_800_000_000_000;
const secret = Buffer.from('0123456789abcdef');
const alert: Alert = {
  fingerprint: 'f',
  rule: 'egress-attempt',
  severity: 'critical',
  state: 'FIRING',
  owner: 'team',
  labels: { destination: 'evil\u001b[2J.example:443' },
  summary: 'm@1 tried\u0007',
  runbook: '',
  startsAtMs: NOW,
  changedAtMs: NOW,
  ackedBy: null,
};

async function withServer(
  status: number,
  step: (url: string, seen: { headers: IncomingHttpHeaders; body: string }[]) => Promise<void>,
): Promise<void> {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await step(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, seen);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('the webhook receiver posts the alert, signed so that the other side can verify it', async () => {
  await withServer(204, async (url, seen) => {
    await webhookReceiver({ id: 'w', url, secret, clock: () => NOW }).deliver(alert, 'd1');

    const [received] = seen;
    assert.ok(received);
    assert.equal(verifyWebhook(secret, received, NOW), 'd1');
    assert.deepEqual(JSON.parse(received.body), { version: 1, alert });
  });
});

for (const status of [302, 400, 500]) {
  test(`an answer of ${status} is not a delivery`, async () => {
    await withServer(status, async (url) => {
      const receiver = webhookReceiver({ id: 'w', url, secret, clock: () => NOW });

      await assert.rejects(receiver.deliver(alert, 'd1'), { code: 'MONITOR_DELIVERY_FAILED' });
    });
  });
}

test('a webhook without a usable URL or secret is refused when it is made', () => {
  const invalid = { code: 'MONITOR_CONFIG_INVALID' };
  const options = { id: 'w', url: 'http://127.0.0.1:1/', secret, clock: () => NOW };

  assert.throws(() => webhookReceiver({ ...options, url: 'file:///x' }), invalid);
  assert.throws(() => webhookReceiver({ ...options, secret: Buffer.from('short') }), invalid);
});

test('a line for the terminal carries no control characters of a hostile label', async () => {
  const lines: string[] = [];

  await lineReceiver('t', (line) => lines.push(line)).deliver(alert, 'd1');

  assert.equal(lines[0], alertLine(alert));
  assert.match(lines[0] ?? '', /FIRING critical egress-attempt owner="team" destination=/);
  assert.doesNotMatch(lines[0] ?? '', /[^ -~]/);
});
