import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { readDestination } from '../../src/sandbox-init/destinations.ts';
import { buildConnectWatcher } from '../../src/sandbox/connect-watcher.ts';

test('the program is the same bytes every time, and exists for x86-64 alone', () => {
  const program = buildConnectWatcher('x64');

  assert.ok(program !== null);
  assert.equal(
    sha256Hex(program),
    'd0ebd74a212e71e6d9618a374db19d0b268cea1d8ec08dcde03483fc4b560d86',
  );
  assert.equal(buildConnectWatcher('arm64'), null);
});

interface Watched {
  readonly code: number | null;
  readonly destinations: readonly (string | null)[];
  readonly output: string;
}

/** Runs a script under the watcher, or nothing where that cannot be done. */
async function watch(t: TestContext, script: string): Promise<Watched | null> {
  const program = process.arch === 'x64' ? buildConnectWatcher('x64') : null;
  if (process.platform !== 'linux' || program === null || process.getuid?.() !== 0) {
    t.skip('needs Linux on x86-64 and, outside a sandbox, root');
    return null;
  }
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-watcher-')), 'watcher');
  writeFileSync(file, program, { mode: 0o755 });
  const child = spawn(file, [process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    timeout: 20_000,
  });
  const records = collect(child.stdio[3]);
  const output = collect(child.stdout);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  const bytes = await records;
  const destinations = Array.from({ length: bytes.length / 32 }, (_, i) =>
    readDestination(bytes.subarray(32 * i + 4, 32 * i + 32)),
  );
  return { code, destinations, output: (await output).toString('utf8') };
}

async function collect(stream: unknown): Promise<Buffer> {
  const chunks: Buffer[] = [];
  if (!(stream instanceof Readable)) throw new Error('a pipe was expected');
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test('connections are noted and go on, and the end is that of the command', async (t) => {
  const watched = await watch(
    t,
    `const server = require('net').createServer((s) => s.end('hello'));
     server.listen(0, '127.0.0.1', () => {
       require('net').connect(server.address().port, '127.0.0.1').on('data', (d) => {
         process.stdout.write(d);
         const udp = require('dgram').createSocket('udp4');
         udp.connect(4444, '192.0.2.9', () => process.exit(7));
       });
     });`,
  );
  if (watched === null) return;

  assert.equal(watched.output, 'hello');
  assert.deepEqual(watched.destinations, [null, '192.0.2.9:4444']);
  assert.equal(watched.code, 7);
});

test('a command that a signal ends gives 128 and the signal', async (t) => {
  const watched = await watch(t, "process.kill(process.pid, 'SIGKILL')");
  if (watched === null) return;

  assert.equal(watched.code, 137);
});
