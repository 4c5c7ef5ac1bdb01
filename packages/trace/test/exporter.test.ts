import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { TraceError } from '../src/errors.ts';
import { createOtlpHttpExporter } from '../src/exporter.ts';
import type { Span } from '../src/span.ts';

const span: Span = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'chat',
  kind: 'server',
  startMs: 1,
  endMs: 2,
  attributes: {},
  events: [],
  status: { code: 'ok', message: '' },
};
const resource = { serviceName: 's', serviceVersion: '1' };
const never = new AbortController().signal;

async function withReceiver<T>(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  step: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      answer(request, Buffer.concat(chunks).toString('utf8'), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await step(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('the exporter posts OTLP JSON with the configured headers and reads partial success', async () => {
  let seen: { type: string | undefined; token: string | undefined; body: string } | null = null;

  const result = await withReceiver(
    (request, body, response) => {
      const token = request.headers['x-token'];
      seen = { type: request.headers['content-type'], token: String(token), body };
      response.end('{"partialSuccess":{"rejectedSpans":"3"}}');
    },
    (url) =>
      createOtlpHttpExporter({ url, resource, headers: { 'x-token': 't' } }).export([span], never),
  );

  assert.equal(result.rejectedSpans, 3);
  assert.ok(seen !== null);
  const { type, token, body } = seen as { type: string; token: string; body: string };
  assert.equal(type, 'application/json');
  assert.equal(token, 't');
  assert.match(body, /"traceId":"5b8efff798038103d269b633813fc60c"/);
});

for (const [status, code] of [
  [429, 'TRACE_EXPORT_RETRYABLE'],
  [503, 'TRACE_EXPORT_RETRYABLE'],
  [400, 'TRACE_EXPORT_REFUSED'],
  [500, 'TRACE_EXPORT_REFUSED'],
  [302, 'TRACE_EXPORT_REFUSED'],
] as const) {
  test(`an answer of ${status} is ${code}`, async () => {
    await withReceiver(
      (_request, _body, response) => {
        response.writeHead(status, { 'retry-after': '7', location: '/elsewhere' }).end('no');
      },
      async (url) => {
        const exporter = createOtlpHttpExporter({ url, resource });

        const error = await exporter.export([span], never).catch((e: unknown) => e);

        assert.ok(error instanceof TraceError);
        assert.equal(error.code, code);
        if (status === 429) assert.equal(error.retryAfterMs, 7000);
      },
    );
  });
}

test('a receiver that is not there is retryable', async () => {
  const url = await withReceiver(
    () => undefined,
    (address) => Promise.resolve(address),
  );

  await assert.rejects(createOtlpHttpExporter({ url, resource }).export([span], never), {
    code: 'TRACE_EXPORT_RETRYABLE',
  });
});

test('an address that is not http is refused when the exporter is made', () => {
  assert.throws(() => createOtlpHttpExporter({ url: 'file:///etc/passwd', resource }), {
    code: 'TRACE_CONFIG_INVALID',
  });
});
