import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TestContext } from 'node:test';

import type { EgressAttempt } from '../../src/egress/attempt.ts';
import { startEgressProxy } from '../../src/egress/proxy.ts';
import type { EgressOptions } from '../../src/egress/proxy.ts';
import { buildHello } from '../fixtures/client-hello.ts';
import { temporaryFolder } from '../fixtures/sandbox.ts';

const subject = { tenant: 'acme', model: 'm', version: '1', manifestDigest: 'd'.repeat(64) };
const names: Readonly<Record<string, readonly string[]>> = {
  'rebound.test': ['10.0.0.5'],
  'mixed.test': ['1.1.1.1', '169.254.169.254'],
};

/** Echoes what it receives, as the destination outside. */
const outside = createServer((socket) => socket.pipe(socket));
let port = 0;
before(async () => {
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  port = (outside.address() as AddressInfo).port;
});
after(() => outside.close());

async function proxy(t: TestContext, more: Partial<EgressOptions> = {}) {
  const folder = temporaryFolder(t);
  const attempts: EgressAttempt[] = [];
  const running = await startEgressProxy(folder, {
    subject,
    rules: [
      { host: 'allowed.test', port, addresses: ['127.0.0.1'] },
      { host: 'rebound.test', port },
      { host: 'mixed.test', port },
      { host: 'nowhere.test', port },
      { host: 'closed.test', port: 1, addresses: ['127.0.0.1'] },
    ],
    clock: () => 7,
    onAttempt: (attempt) => attempts.push(attempt),
    resolve: async (host) => Promise.resolve(names[host] ?? []),
    ...more,
  });
  t.after(() => running.close());
  return { attempts, socketPath: path.join(folder, 'egress.sock') };
}

/** Sends `text` and after the answer `then`; resolves with all that came until the end. */
async function talk(
  socketPath: string,
  text: string,
  then: Buffer | null = null,
  until: (received: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let received = '';
    let sent = false;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (!sent && then !== null && received.startsWith('HTTP/1.1 200')) socket.write(then);
      sent = true;
      if (until(received)) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(received));
    socket.write(text);
  });
}

const connectTo = (authority: string): string =>
  `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`;

describe('the egress proxy refuses and records', () => {
  const refused: readonly (readonly [authority: (port: number) => string, rule: string])[] = [
    [(p) => `other.test:${p}`, 'not-allowed'],
    [(p) => `xallowed.test:${p}`, 'not-allowed'],
    [(p) => `a.allowed.test:${p}`, 'not-allowed'],
    [() => 'allowed.test:1', 'not-allowed'],
    [() => '169.254.169.254:80', 'ip-literal'],
    [(p) => `127.0.0.1:${p}`, 'ip-literal'],
    [(p) => `2130706433:${p}`, 'ip-literal'],
    [(p) => `0x7f.1:${p}`, 'ip-literal'],
    [(p) => `[::1]:${p}`, 'ip-literal'],
    [(p) => `[::ffff:127.0.0.1]:${p}`, 'ip-literal'],
    [(p) => `user@evil.test:${p}`, 'bad-authority'],
    [(p) => `evil%0d%0a:${p}`, 'bad-authority'],
    [(p) => `rebound.test:${p}`, 'resolved-private'],
    [(p) => `mixed.test:${p}`, 'resolved-private'],
    [(p) => `nowhere.test:${p}`, 'not-resolved'],
  ];
  for (const [authority, rule] of refused) {
    test(`CONNECT ${authority(443)} as ${rule}`, async (t) => {
      const { attempts, socketPath } = await proxy(t);

      const answer = await talk(socketPath, connectTo(authority(port)));

      assert.match(answer, new RegExp(`^HTTP/1.1 403[^]*x-egress-deny: ${rule}`));
      assert.equal(attempts.length, 1);
      const { destination, ...rest } = attempts[0] ?? assert.fail();
      assert.deepEqual(rest, { ...subject, outcome: 'denied', rule, count: 1, atMs: 7 });
      assert.match(destination ?? '', new RegExp(`:${/:(\d+)$/.exec(authority(port))?.[1]}$`));
    });
  }

  test('a plain HTTP request, with the destination it wanted', async (t) => {
    const { attempts, socketPath } = await proxy(t);
    const request = 'GET http://evil.test/path?secret HTTP/1.1\r\nhost: evil.test\r\n\r\n';

    const answer = await talk(socketPath, request);

    assert.match(answer, /^HTTP\/1.1 403/);
    assert.deepEqual(
      attempts.map(({ rule, destination }) => [rule, destination]),
      [['plain-http', 'evil.test:80']],
    );
  });

  test('bytes that are no HTTP at all', async (t) => {
    const { attempts, socketPath } = await proxy(t);

    await talk(socketPath, '\x16\x03\x01\x00\x05hello\r\n\r\n');

    assert.deepEqual(
      attempts.map(({ rule }) => rule),
      ['bad-request'],
    );
  });
});

describe('the egress proxy and an allowed name', () => {
  const ends: readonly (readonly [name: string, first: () => Buffer, rule: string])[] = [
    ['another server name', () => buildHello({ serverName: 'evil.test' }), 'sni-mismatch'],
    ['no server name', () => buildHello({}), 'sni-missing'],
    [
      'an encrypted hello',
      () => buildHello({ serverName: 'allowed.test', extensions: [[0xfe0d, Buffer.alloc(4)]] }),
      'ech',
    ],
    ['an SSH banner', () => Buffer.from('SSH-2.0-x\r\n'), 'not-tls'],
  ];
  for (const [name, first, rule] of ends) {
    test(`closes a tunnel that starts with ${name}`, async (t) => {
      const { attempts, socketPath } = await proxy(t);

      const answer = await talk(socketPath, connectTo(`allowed.test:${port}`), first());

      assert.equal(answer, 'HTTP/1.1 200 Connection established\r\n\r\n');
      assert.deepEqual(
        attempts.map((attempt) => [attempt.rule, attempt.destination]),
        [[rule, `allowed.test:${port}`]],
      );
    });
  }

  test('carries a tunnel that asks for the allowed name, in any spelling, and records it', async (t) => {
    const { attempts, socketPath } = await proxy(t);
    const hello = buildHello({ serverName: 'allowed.test' });
    const isEchoed = (text: string): boolean => text.endsWith(hello.toString('latin1'));

    const answer = await talk(socketPath, connectTo(`ALLOWED.test.:${port}`), hello, isEchoed);

    assert.ok(isEchoed(answer));
    assert.deepEqual(
      attempts.map(({ outcome, rule, destination }) => [outcome, rule, destination]),
      [['allowed', 'allowed', `allowed.test:${port}`]],
    );
  });

  test('a destination that is down is recorded as unreachable', async (t) => {
    const { attempts, socketPath } = await proxy(t);
    const hello = buildHello({ serverName: 'closed.test' });

    await talk(socketPath, connectTo('closed.test:1'), hello);

    assert.deepEqual(
      attempts.map(({ rule }) => rule),
      ['unreachable'],
    );
  });

  test('a client that never sends its hello is dropped', async (t) => {
    const { attempts, socketPath } = await proxy(t, { limits: { helloMs: 20 } });

    await talk(socketPath, connectTo(`allowed.test:${port}`));

    assert.deepEqual(
      attempts.map(({ rule }) => rule),
      ['not-tls'],
    );
  });

  test('a tunnel ends at its byte limit', async (t) => {
    const { socketPath } = await proxy(t, { limits: { maxBytes: 600 } });
    const hello = buildHello({ serverName: 'allowed.test' });
    const flood = Buffer.concat([hello, Buffer.alloc(100_000)]);

    const answer = await talk(socketPath, connectTo(`allowed.test:${port}`), flood);

    assert.ok(answer.length < 100_000);
  });
});
