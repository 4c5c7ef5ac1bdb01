import assert from 'node:assert/strict';
import { request } from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { describe, test } from 'node:test';

import {
  externalServerProfile,
  ggufServerProfile,
  llamaServerProfile,
} from '../src/external-server.ts';
import { serve } from '../src/serve.ts';
import type { ServingModel } from '../src/serve.ts';
import {
  sandboxSupport,
  serverFolder,
  temporaryFolder,
  verifiedFiles,
} from './fixtures/sandbox.ts';

async function get(serving: ServingModel, url: string): Promise<{ status: number; body: string }> {
  const socket = await serving.connect();
  return new Promise((resolve, reject) => {
    const outgoing = request({ createConnection: () => socket, path: url }, (response) => {
      void Array.fromAsync(response).then((chunks) => {
        const body = Buffer.concat(chunks as Buffer[]).toString();
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

test('a server that only speaks TCP is served, for the listed requests only', async (t) => {
  const support = await sandboxSupport(t);
  if (support === null) return;
  const folder = serverFolder('tcp-server');
  const serving = await serve(
    { tenant: 'acme', model: 'm', version: '1', manifestDigest: 'd'.repeat(64) },
    verifiedFiles(t, { 'w.bin': 'GOOD' }),
    {
      tenant: 'acme',
      runRoot: path.join(temporaryFolder(t), 'run'),
      clock: () => 1,
      support,
      startTimeoutMs: 20_000,
      server: externalServerProfile({
        command: [process.execPath, path.join(folder, 'main.mjs'), '8080'],
        port: 8080,
        healthPath: '/health',
        prefixes: [folder],
      }),
    },
  );
  t.after(() => serving.stop());

  const models = await get(serving, '/v1/models');
  const admin = await get(serving, '/update_weights');

  assert.deepEqual(JSON.parse(models.body), { url: '/v1/models', weights: 'GOOD' });
  assert.equal(admin.status, 404);
});

describe('externalServerProfile()', () => {
  const server = { command: [process.execPath], port: 8080, healthPath: '/health' };

  test('shows a binary and its prefix once', () => {
    const prefix = path.dirname(process.execPath);

    const profile = externalServerProfile({ ...server, prefixes: [prefix, prefix] });

    assert.deepEqual(
      profile.mounts.map(({ destination }) => destination),
      [prefix],
    );
    assert.deepEqual(profile.binaries, [process.execPath]);
    assert.ok(profile.hashModel);
  });

  for (const prefix of ['/', '/etc', '/etc/', '/home', '/root', '/run', '/proc', '/tmp', '/usr']) {
    test(`refuses to show ${prefix}`, () => {
      assert.throws(() => externalServerProfile({ ...server, prefixes: [prefix] }), {
        code: 'RUNNER_PROFILE_INVALID',
      });
    });
  }

  test('refuses a relative command, an absent prefix and a privileged port', () => {
    for (const broken of [
      { ...server, command: ['llama-server'] },
      { ...server, command: [] },
      { ...server, prefixes: ['/nonexistent/prefix'] },
      { ...server, prefixes: ['relative'] },
      { ...server, port: 80 },
    ]) {
      assert.throws(() => externalServerProfile(broken), { code: 'RUNNER_PROFILE_INVALID' });
    }
  });
});

test('llama-server is told to serve the mounted file on loopback, offline', () => {
  const profile = llamaServerProfile(process.execPath, 'm.gguf');

  assert.deepEqual(profile.command.slice(1), [
    '--model',
    '/model/m.gguf',
    '--host',
    '127.0.0.1',
    '--port',
    '8080',
    '--no-webui',
    '--offline',
  ]);
});

test('a GGUF file needs the package that runs it, and the refusal says how to get it', () => {
  assert.throws(() => ggufServerProfile('/nonexistent', 'm.gguf'), {
    code: 'RUNNER_PROFILE_INVALID',
    message: /npm install node-llama-cpp/,
  });
});
