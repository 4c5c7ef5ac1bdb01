import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { startNameService } from '../../src/sandbox-init/name-service.ts';

async function service(t: TestContext) {
  const socketPath = path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-names-')), 'n', 'socket');
  const names: string[] = [];
  const server = await startNameService(socketPath, (name) => names.push(name));
  t.after(() => server.close());
  const ask = (...pieces: readonly Buffer[]): Promise<Buffer> =>
    new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const client = connect(socketPath, () => pieces.forEach((piece) => client.write(piece)));
      client.on('data', (chunk) => chunks.push(chunk));
      client.on('error', () => undefined);
      client.on('close', () => resolve(Buffer.concat(chunks)));
    });
  return { names, ask };
}

/** As glibc writes it: header and name with its NUL. */
function question(type: number, name: string, version = 2): Buffer {
  const header = Buffer.alloc(12);
  [version, type, name.length + 1].forEach((value, i) => header.writeInt32LE(value, i * 4));
  return Buffer.concat([header, Buffer.from(`${name}\0`, 'latin1')]);
}

test('a lookup is answered with "not found" in the shape that glibc reads, and noted', async (t) => {
  const { names, ask } = await service(t);

  const addresses = await ask(question(14, 'exfil.test'));
  const host = await ask(question(4, 'old.test'));

  assert.equal(addresses.toString('hex'), '020000000000000000000000000000000000000001000000');
  assert.equal(host.length, 32);
  assert.equal(host.readInt32LE(28), 1);
  assert.deepEqual(names, ['exfil.test', 'old.test']);
});

test('a request in pieces is read whole', async (t) => {
  const { names, ask } = await service(t);
  const bytes = question(14, 'exfil.test');

  await ask(bytes.subarray(0, 5), bytes.subarray(5));

  assert.deepEqual(names, ['exfil.test']);
});

test('other requests, other versions and endless names are closed without an answer', async (t) => {
  const { names, ask } = await service(t);
  const endless = question(14, 'a');
  endless.writeInt32LE(0x7fffffff, 8);

  for (const bytes of [question(13, 'hosts'), question(14, 'a', 3), endless]) {
    assert.equal((await ask(bytes)).length, 0);
  }

  assert.deepEqual(names, []);
});
