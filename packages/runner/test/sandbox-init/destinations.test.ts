import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import {
  readDestination,
  readWatcher,
  reportDestinations,
} from '../../src/sandbox-init/destinations.ts';

/** struct sockaddr_in or sockaddr_in6, padded to 28 bytes. */
function sockaddr(family: number, port: number, address: string): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(family, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.write(address, family === 2 ? 4 : 8, 'hex');
  return bytes;
}

const CASES: readonly (readonly [string, Buffer, string | null])[] = [
  ['an IPv4 address', sockaddr(2, 443, 'c0000201'), '192.0.2.1:443'],
  ['an IPv6 address', sockaddr(10, 8443, `20010db8${'0'.repeat(23)}1`), '[2001:db8::1]:8443'],
  [
    'an IPv4 address in IPv6 form',
    sockaddr(10, 80, `${'0'.repeat(20)}ffffc0000201`),
    '192.0.2.1:80',
  ],
  ['the loopback', sockaddr(2, 8080, '7f000001'), null],
  ['all of 127/8', sockaddr(2, 8080, '7f123456'), null],
  ['the loopback of IPv6', sockaddr(10, 8080, `${'0'.repeat(31)}1`), null],
  ['the loopback in IPv6 form', sockaddr(10, 80, `${'0'.repeat(20)}ffff7f000001`), null],
  ['a name server on the loopback', sockaddr(2, 53, '7f000001'), 'name resolution'],
  ['a Unix socket', sockaddr(1, 0, ''), null],
  ['an address that could not be read', Buffer.alloc(28), null],
];
for (const [what, bytes, expected] of CASES) {
  test(`${what} reads as ${expected}`, () => {
    assert.equal(readDestination(bytes), expected);
  });
}

/** What a proxy would be told. */
async function proxy(
  t: TestContext,
): Promise<{ socketPath: string; told: string[]; heard: () => Promise<unknown> }> {
  const socketPath = path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-told-')), 's');
  const told: string[] = [];
  const server = createServer((request, response) => {
    told.push(`${request.method} ${request.url}`);
    response.writeHead(204, { connection: 'close' }).end();
  });
  server.listen(socketPath);
  await once(server, 'listening');
  t.after(() => server.close());
  return { socketPath, told, heard: () => once(server, 'request') };
}

test('records that arrive in pieces are told, the first at once, equal ones together', async (t) => {
  const { socketPath, told, heard } = await proxy(t);
  const records = new PassThrough();
  readWatcher(records, reportDestinations(socketPath));
  const record = Buffer.concat([Buffer.alloc(4), sockaddr(2, 443, 'c0000201')]);

  records.write(record.subarray(0, 10));
  // In one piece: what follows closely follows closely on a busy machine too.
  records.write(Buffer.concat([record.subarray(10), record, record]));
  await heard();
  if (told.length < 2) await heard();

  assert.deepEqual(told.toSorted(), [
    'NOTIFY /direct?to=192.0.2.1%3A443&count=1',
    'NOTIFY /direct?to=192.0.2.1%3A443&count=2',
  ]);
});

test('a flood of destinations is told in part, and bounded', async (t) => {
  const { socketPath, told, heard } = await proxy(t);
  const reports = reportDestinations(socketPath);
  const first = heard();
  reports.add('first');
  await first;

  for (let i = 0; i < 10_000; i += 1) reports.add(`host-${i}`);
  await heard();
  await new Promise((resolve) => setTimeout(resolve, 50));

  assert.ok(told.length <= 65, `${told.length} reports`);
});
