import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readClientHello } from '../../src/egress/client-hello.ts';
import { buildHello, serverNameExtension } from '../fixtures/client-hello.ts';

const ECH = 0xfe0d;

test('reads the server name, in one record or in several', () => {
  for (const recordBytes of [undefined, 10, 40]) {
    const hello = readClientHello(
      buildHello({
        serverName: 'Allowed.test',
        ...(recordBytes === undefined ? {} : { recordBytes }),
      }),
    );

    assert.deepEqual(hello, { kind: 'hello', serverName: 'allowed.test', encrypted: false });
  }
});

test('a hello without a name has none, and an encrypted one says so', () => {
  assert.deepEqual(readClientHello(buildHello({})), {
    kind: 'hello',
    serverName: null,
    encrypted: false,
  });
  const encrypted = buildHello({ serverName: 'a.test', extensions: [[ECH, Buffer.alloc(8)]] });
  assert.deepEqual(readClientHello(encrypted), {
    kind: 'hello',
    serverName: 'a.test',
    encrypted: true,
  });
});

test('every proper prefix needs more bytes, and what follows the hello changes nothing', () => {
  const bytes = buildHello({ serverName: 'a.test', recordBytes: 20 });
  for (let length = 0; length < bytes.length; length += 1) {
    assert.equal(readClientHello(bytes.subarray(0, length)).kind, 'partial', `${length}`);
  }
  assert.equal(readClientHello(Buffer.concat([bytes, Buffer.from('rest')])).kind, 'hello');
});

const twoNames = Buffer.concat([
  Buffer.from([0, 18]),
  serverNameExtension('a.test').subarray(2),
  serverNameExtension('b.test').subarray(2),
]);
const hostile: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
  ['a plain HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a TLS alert', Buffer.from([21, 3, 3, 0, 2, 1, 0])],
  ['another handshake message', Buffer.from([22, 3, 1, 0, 5, 2, 0, 0, 1, 0])],
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  ['SSL 2', Buffer.from([22, 2, 1, 0, 1, 1])],
  ['a message of 16 MiB', Buffer.from([22, 3, 1, 0, 5, 1, 255, 255, 255, 0])],
  ['one byte per record', buildHello({ serverName: 'a.test', recordBytes: 1 })],
  [
    'an extension twice',
    buildHello({ serverName: 'a.test', extensions: [[0, serverNameExtension('b.test')]] }),
  ],
];

for (const [name, bytes] of hostile) {
  test(`${name} is not a ClientHello`, () => {
    assert.equal(readClientHello(bytes).kind, 'not-tls');
  });
}

test('two names in one extension count as none', () => {
  const hello = readClientHello(buildHello({ extensions: [[0, twoNames]] }));

  assert.deepEqual(hello, { kind: 'hello', serverName: null, encrypted: false });
});

test('any bytes are judged without an error, and a changed byte never makes two names', () => {
  const bytes = buildHello({ serverName: 'allowed.test' });
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(bytes);
      changed[at] = value;

      assert.ok(['partial', 'not-tls', 'hello'].includes(readClientHello(changed).kind));
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (any) => void readClientHello(any)));
});
