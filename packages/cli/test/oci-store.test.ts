import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { parseReference } from '@proofmark/oci';

import { openStore, readCredentials } from '../src/oci-store.ts';

const cwd = mkdtempSync(path.join(tmpdir(), 'proofmark-oci-store-'));
mkdirSync(path.join(cwd, '.docker'));
const auth = Buffer.from('docker:from file').toString('base64');
writeFileSync(
  path.join(cwd, '.docker', 'config.json'),
  JSON.stringify({ auths: { 'r.example': { auth } } }),
);
const read = (values: Readonly<Record<string, string>>, host = 'r.example'): string | null => {
  const found = readCredentials(host, { environment: (name) => values[name] });
  return found === null ? null : `${found.username}/${found.password}`;
};

test('the environment comes before the file of Docker', () => {
  const given = { PROOFMARK_REGISTRY_USER: 'me', PROOFMARK_REGISTRY_PASSWORD: 'secret' };

  assert.equal(read({ ...given, HOME: cwd }), 'me/secret');
  assert.equal(read({ HOME: cwd }), 'docker/from file');
  assert.equal(read({ DOCKER_CONFIG: path.join(cwd, '.docker') }), 'docker/from file');
});

test('there are none for another host, in another home, or without one', () => {
  assert.equal(read({ HOME: cwd }, 'other.example'), null);
  assert.equal(read({ HOME: path.join(cwd, 'nobody') }), null);
  assert.equal(read({}), null);
});

test('half of them is refused', () => {
  assert.throws(() => read({ PROOFMARK_REGISTRY_USER: 'me' }), { code: 'CLI_USAGE' });
});

test('a reference opens its place', () => {
  const outside = { cwd, environment: () => undefined, signal: new AbortController().signal };
  const options = { access: 'pull', plainHttp: false } as const;

  const places = ['oci:r.example/a/b:1', 'oci-layout:models:1'].map(
    (text) => openStore(parseReference(text), options, outside).place,
  );

  assert.deepEqual(places, ['r.example/a/b', path.join(cwd, 'models')]);
});
