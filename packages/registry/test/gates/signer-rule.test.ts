import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import { createManifest, signModel } from '@proofmark/artifact';
import { readSigner } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';
import type { GatePolicy } from '@proofmark/registry';
import {
  checkModelSignature,
  manifestText,
  readGatePolicy,
  signatureTrust,
} from '@proofmark/registry';

import { registryError } from '../world.ts';
import { decideVectors } from './vectors.ts';

const trustedRoot = readFileSync(
  path.join(import.meta.dirname, '../../../../deploy/sigstore/public-good.json'),
  'utf8',
);
const { pem, key } = makeCertificate();
const manifest = createManifest([{ path: 'a', sizeBytes: 1, sha256: 'a'.repeat(64) }]);
const NOW = Date.now() + 60_000;

/** A certificate that signs itself: pinned by the policy, it is its own root. */
function makeCertificate(): { readonly pem: string; readonly key: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-registry-'));
  const run = (command: string): void => {
    execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'ignore' });
  };
  run(
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out crt.pem -days 5 -subj /CN=release -addext keyUsage=critical,digitalSignature',
  );
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const made = { pem: read('crt.pem'), key: read('key.pem') };
  rmSync(folder, { recursive: true });
  return made;
}

function policyWith(signature: JsonObject): GatePolicy {
  const { policy } = decideVectors.base as { readonly policy: JsonObject };
  return readGatePolicy({ ...policy, signature });
}

async function certified(): Promise<string> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return signModel({ name: 'm', manifest, signer: readSigner(key), certificates: [der] });
}

test('a model that a named subject signed counts, and one that another subject signed does not', async () => {
  const bundle = await certified();
  const check = (subjects: readonly string[]): unknown => {
    const policy = policyWith({ certificates: [{ roots: pem, subjects: [...subjects] }] });
    const trust = signatureTrust(policy, NOW);
    return checkModelSignature(bundle, manifestText(manifest.files), trust).signer;
  };

  assert.deepEqual(check(['CN=release']), { method: 'certificate', subject: 'CN=release' });
  assert.throws(() => check(['CN=releas']), { code: 'ARTIFACT_CERTIFICATE_INVALID' });
});

test('a certificate counts for nothing under a policy of keys alone', async () => {
  const bundle = await certified();
  const trust = signatureTrust(policyWith({ keys: ['release'] }), NOW);

  assert.throws(() => checkModelSignature(bundle, manifestText(manifest.files), trust), {
    code: 'ARTIFACT_SIGNATURE_UNTRUSTED',
  });
});

test('identities bring their instance, and the digest of the policy binds it', () => {
  const identity = { issuer: 'https://issuer.example', subject: '*@acme.example', trustedRoot };
  const policy = policyWith({ identities: [identity] });
  const other = policyWith({ identities: [{ ...identity, trustedRoot: `${trustedRoot}\n` }] });

  const [instance] = signatureTrust(policy, NOW).keyless ?? [];

  assert.equal(instance?.identities[0]?.subject, '*@acme.example');
  assert.ok((instance?.trustedRoot.certificateAuthorities.length ?? 0) > 0);
  assert.deepEqual(policy.rules.signature?.keyIds, []);
  assert.notEqual(policy.digest, other.digest);
});

describe('a policy is refused', () => {
  const identity = { issuer: 'https://issuer.example', subject: 'a', trustedRoot };
  const cases: readonly (readonly [string, JsonObject])[] = [
    ['whose authority names no subject', { certificates: [{ roots: pem, subjects: [] }] }],
    ['whose authority lets anybody sign', { certificates: [{ roots: pem }] }],
    ['whose roots are no certificates', { certificates: [{ roots: 'x', subjects: ['CN=a'] }] }],
    ['whose issuer is a pattern', { identities: [{ ...identity, issuer: 'https://*' }] }],
    ['whose identity has no issuer', { identities: [{ subject: 'a', trustedRoot }] }],
    ['whose trusted root is none', { identities: [{ ...identity, trustedRoot: '{}' }] }],
    [
      'whose authority has a field that is not known',
      { certificates: [{ roots: pem, subjects: ['CN=a'], subject: 'CN=b' }] },
    ],
    ['with a misspelt field', { identities: [{ ...identity, subjects: ['b'] }] as Json[] }],
    ['that names nobody', { certificates: [], identities: [] }],
  ];
  for (const [name, signature] of cases) {
    test(name, () => {
      assert.throws(() => policyWith(signature), registryError('REGISTRY_POLICY_INVALID'));
    });
  }
});

test('a list of signers has bounds', () => {
  const identity = { issuer: 'https://issuer.example', subject: 'a', trustedRoot };
  const authority = { roots: pem, subjects: ['CN=a'] };
  const many = <T>(item: T, count: number): T[] => Array.from({ length: count }, () => item);
  const certificate = (change: JsonObject): JsonObject => ({
    certificates: [{ ...authority, ...change }],
  });
  const keyless = (change: JsonObject): JsonObject => ({
    identities: [{ ...identity, ...change }],
  });
  const cases: readonly (readonly [allowed: JsonObject, refused: JsonObject])[] = [
    [{ certificates: many(authority, 64) }, { certificates: many(authority, 65) }],
    [{ identities: many(identity, 64) }, { identities: many(identity, 65) }],
    [certificate({ subjects: many('CN=a', 256) }), certificate({ subjects: many('CN=a', 257) })],
    [
      certificate({ roots: pem.padEnd(256 * 1024, '\n') }),
      certificate({ roots: pem.padEnd(256 * 1024 + 1, '\n') }),
    ],
    [keyless({ subject: 'a'.repeat(2048) }), keyless({ subject: 'a'.repeat(2049) })],
    [
      keyless({ trustedRoot: trustedRoot.padEnd(1024 * 1024) }),
      keyless({ trustedRoot: trustedRoot.padEnd(1024 * 1024 + 1) }),
    ],
  ];
  for (const [allowed, refused] of cases) {
    assert.ok(policyWith(allowed));
    assert.throws(() => policyWith(refused), registryError('REGISTRY_POLICY_INVALID'));
  }
});
