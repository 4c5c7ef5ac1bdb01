import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { connectSandboxSocket } from '../src/connect.ts';
import { temporaryFolder } from './fixtures/sandbox.ts';

const uid = process.getuid?.() ?? 0;

async function listen(t: TestContext, name: string): Promise<string> {
  const folder = temporaryFolder(t);
  const server = createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(path.join(folder, name), resolve));
  t.after(() => server.close());
  return path.join(folder, name);
}

test('connects to a socket of the expected owner', async (t) => {
  const socket = await connectSandboxSocket(await listen(t, 's.sock'), uid);

  const [data] = (await Array.fromAsync(socket)) as Buffer[];

  assert.equal(String(data), 'hello');
});

test('refuses a symlink, to whatever socket it leads', async (t) => {
  const target = await listen(t, 'host.sock');
  const link = path.join(path.dirname(target), 's.sock');
  symlinkSync(target, link);

  await assert.rejects(connectSandboxSocket(link, uid), { code: 'RUNNER_SOCKET_REFUSED' });
});

test('refuses a file, an absent path and a socket of another user', async (t) => {
  const socket = await listen(t, 's.sock');
  const file = path.join(path.dirname(socket), 'file');
  writeFileSync(file, '');

  for (const [where, owner] of [
    [file, uid],
    [`${file}.absent`, uid],
    [socket, uid + 1],
  ] as const) {
    await assert.rejects(connectSandboxSocket(where, owner), { code: 'RUNNER_SOCKET_REFUSED' });
  }
});
