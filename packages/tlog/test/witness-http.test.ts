import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import { MAX_ADD_CHECKPOINT_BYTES } from '../src/add-checkpoint.ts';
import { witnessHandler } from '../src/witness-http.ts';
import type { WitnessStore } from '../src/witness-store.ts';
import { memoryWitnessStore } from '../src/witness-store.ts';
import { ORIGIN } from './world.ts';
import { submission, testWitness } from './witness-world.ts';

async function serveWitness(
  t: TestContext,
  store: WitnessStore,
  errors: unknown[] = [],
): Promise<string> {
  const server = createServer(witnessHandler(testWitness(store), (error) => errors.push(error)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function post(url: string, body: Uint8Array): Promise<Response> {
  return fetch(`${url}/add-checkpoint`, { method: 'POST', body: Buffer.from(body) });
}

test('a checkpoint is cosigned over HTTP and served for monitors', async (t) => {
  const url = await serveWitness(t, memoryWitnessStore());
  const monitoring = `${url}/any/prefix/${sha256Hex(ORIGIN)}/checkpoint`;

  assert.equal((await fetch(monitoring)).status, 404);
  const answer = await post(url, await submission(0, 5));
  const latest = await fetch(monitoring);

  assert.equal(answer.status, 200);
  assert.equal(latest.status, 200);
  assert.equal(latest.headers.get('content-type'), 'text/plain; charset=utf-8');
  const note = await latest.text();
  assert.ok(note.startsWith(`${ORIGIN}\n5\n`));
  assert.ok(note.endsWith(await answer.text()));
});

test('a conflict carries the size and its media type', async (t) => {
  const url = await serveWitness(t, memoryWitnessStore());
  await post(url, await submission(0, 5));

  const answer = await post(url, await submission(3, 9));

  assert.equal(answer.status, 409);
  assert.equal(answer.headers.get('content-type'), 'text/x.tlog.size');
  assert.equal(await answer.text(), '5\n');
});

test('other paths, methods and sizes are refused', async (t) => {
  const url = await serveWitness(t, memoryWitnessStore());

  assert.equal((await fetch(`${url}/`)).status, 404);
  assert.equal((await fetch(`${url}/xyz/checkpoint`)).status, 404);
  assert.equal((await fetch(`${url}/add-checkpoint`)).status, 405);
  assert.equal(
    (await fetch(`${url}/${sha256Hex(ORIGIN)}/checkpoint`, { method: 'PUT' })).status,
    405,
  );
  assert.equal((await post(url, new Uint8Array(MAX_ADD_CHECKPOINT_BYTES))).status, 400);
  assert.equal((await post(url, new Uint8Array(MAX_ADD_CHECKPOINT_BYTES + 1))).status, 413);
});

test('a store that fails cosigns nothing and is reported', async (t) => {
  const errors: unknown[] = [];
  const store: WitnessStore = {
    update: () => Promise.reject(new Error('disk full')),
    latest: () => Promise.reject(new Error('disk full')),
  };
  const url = await serveWitness(t, store, errors);

  const answer = await post(url, await submission(0, 5));

  assert.equal(answer.status, 500);
  assert.ok(!(await answer.text()).includes('\u2014'));
  assert.equal(errors.length, 1);
});
