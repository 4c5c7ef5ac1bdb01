/**
 * A model from its keyless signature through a registry's format into another installation, at the
 * command line; the Sigstore services are the test instance of the artifact package.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { ISSUER, SUBJECT, makeInstance } from '../../packages/artifact/test/sigstore/instance.ts';
import { serve } from '../../packages/artifact/test/sigstore/services.ts';
import type { Services } from '../../packages/artifact/test/sigstore/services.ts';
import { proofmark, temporaryFolder } from './harness.ts';

const work = temporaryFolder();
const at = (...names: string[]): string => path.join(work, ...names);
const PATTERN = SUBJECT.replace('acme/models', 'acme/*');
const who = ['--trusted-root', at('root.json'), '--issuer', ISSUER, '--identity'];
let services: Services;

before(async () => {
  const instance = makeInstance(Date.now());
  services = await serve(instance);
  mkdirSync(at('model'));
  writeFileSync(at('model', 'config.json'), '{"model_type":"llama"}\n');
  writeFileSync(at('root.json'), instance.trustedRoot);
  writeFileSync(at('token'), services.token());
});
after(() => services.close());

test('a model is signed with a token, and verifies for its signer alone', async () => {
  const { url } = services;
  const signed = await proofmark([
    'sign',
    at('model'),
    '--keyless',
    '--json',
    '--identity-token-file',
    at('token'),
    '--fulcio-url',
    url,
    '--rekor-url',
    url,
    '--trusted-root',
    at('root.json'),
  ]);

  assert.equal(signed.code, 0, signed.stderr);
  assert.ok(!`${signed.stdout}${signed.stderr}`.includes(readFileSync(at('token'), 'utf8')));
  const good = await proofmark(['verify', at('model'), ...who, PATTERN]);
  assert.equal(good.code, 0, good.stderr);
  const other = await proofmark(['verify', at('model'), '--json', ...who, 'https://github.com/*']);
  assert.equal(other.code, 1);
  assert.match(other.stdout, /ARTIFACT_IDENTITY_MISMATCH/);
});

test('it is pushed, pulled whole, and refused to whoever trusts somebody else', async () => {
  const reference = `oci-layout:${at('layout')}:1.0`;
  const pushed = await proofmark(['push', reference, at('model'), ...who, SUBJECT]);
  assert.equal(pushed.code, 0, pushed.stderr);

  const refused = await proofmark(['pull', reference, at('refused'), ...who, 'somebody@else']);
  const pulled = await proofmark(['pull', reference, at('pulled'), ...who, SUBJECT]);

  assert.deepEqual([refused.code, pulled.code], [1, 0]);
  assert.ok(!existsSync(at('refused')));
  assert.equal(readFileSync(at('pulled', 'config.json'), 'utf8'), '{"model_type":"llama"}\n');
});

test('it is imported under its own signature, which the gate accepts by identity', async () => {
  const data = ['--data', at('data')];
  assert.equal((await proofmark(['init', ...data])).code, 0);
  const file = at('data', 'proofmark.yaml');
  const identity = `{ issuer: "${ISSUER}", subject: "${PATTERN}", trustedRoot: "${at('root.json')}" }`;
  const strict = readFileSync(file, 'utf8');
  const policy = strict.replace(
    'signature: { keys: [model] }',
    `signature: { identities: [${identity}] }`,
  );
  assert.notEqual(policy, strict);
  writeFileSync(file, policy);

  const imported = await proofmark(['import', 'm@1.0', `oci-layout:${at('layout')}:1.0`, ...data]);
  const explained = await proofmark(['explain', 'm@1.0', ...data]);

  assert.ok(imported.code === 0 || imported.code === 1, imported.stderr); // by what the scan says
  assert.match(imported.stdout, /"method":"keyless"/);
  assert.match(
    explained.stdout,
    /signature: pass[\s\S]*signed by https:\/\/github\.com\/acme\/models/,
  );
});
