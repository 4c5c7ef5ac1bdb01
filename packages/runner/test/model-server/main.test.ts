import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';

import { MODEL_FOLDER } from './shipped-model.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-main-'));
const socketPath = path.join(folder, 's');
const script = path.join(import.meta.dirname, '../../src/model-server/main.ts');
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(environment: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, [script], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  return child;
}

function get(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: url }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('it says READY once, with the digest of every file it read, and serves on the socket', async () => {
  const child = start({ SOCK: socketPath, MODEL_DIR: MODEL_FOLDER });
  let output = '';
  const closed = once(child, 'close');
  const ready = new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('\n')) resolve();
    });
  });
  await Promise.race([ready, closed]);

  assert.equal(await get('/health'), 200);
  assert.equal(await get('/v1/models'), 200);
  child.kill('SIGKILL');
  await closed;
  const digests = readdirSync(MODEL_FOLDER).map((name): [string, string] => [
    name,
    createHash('sha256')
      .update(readFileSync(path.join(MODEL_FOLDER, name)))
      .digest('hex'),
  ]);
  assert.deepEqual(
    output.split('\n').map((line) => (line === '' ? null : (JSON.parse(line) as unknown))),
    [{ ready: true, modelFiles: Object.fromEntries(digests) }, null],
  );
});

test('without a socket to listen on, or without a model, it ends with an error and says nothing', async () => {
  for (const environment of [
    { MODEL_DIR: MODEL_FOLDER },
    { SOCK: socketPath, MODEL_DIR: folder },
  ]) {
    const child = start(environment);
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];

    assert.notEqual(code, 0);
    assert.equal(output, '');
  }
});
