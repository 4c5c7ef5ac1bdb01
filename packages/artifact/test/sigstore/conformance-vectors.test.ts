import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { CodedError, readPublicKey } from '@proofmark/core';

import { verifyFileBundle } from '../../src/sigstore/file-bundle.ts';
import type { FileTrust } from '../../src/sigstore/file-bundle.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';

/**
 * The public conformance suite of Sigstore clients, read in place. Every case ending in `_fail` must
 * be refused, and here with a code of its own kind.
 */
const checkout = path.join(import.meta.dirname, '../../../..');
const folder = path.join(checkout, '../shared/vectors/sigstore-conformance/bundle-verify');
const skip = existsSync(folder) ? false : 'skipped: no ../shared/vectors/sigstore-conformance here';
const publicGood = path.join(checkout, 'deploy/sigstore/public-good.json');

const BEACON =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ACTIONS = 'https://token.actions.githubusercontent.com';
/** Past every time in the suite. */
const NOW = Date.parse('2026-11-01T00:00:00Z');

const CODES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/^invalid-inclusion-proof/, 'ARTIFACT_BUNDLE_INVALID'],
  [/^bundle-from-wrong-instance/, 'ARTIFACT_LOG_ENTRY_INVALID'],
  [/^bundle-/, 'ARTIFACT_BUNDLE_INVALID'],
  [/^trust-root-tlog-missing/, 'ARTIFACT_TRUSTED_ROOT_INVALID'],
  [/^managed-key-no-key/, 'ARTIFACT_SIGNATURE_UNTRUSTED'],
  [/^managed-key-wrong-key/, 'CORE_KEY_INVALID'],
  [/^invalid-ct-key/, 'ARTIFACT_SCT_INVALID'],
  [/^rekor2-no-timestamp/, 'ARTIFACT_TIMESTAMP_MISSING'],
  [/^rekor2-timestamp-with-incorrect-time/, 'ARTIFACT_BUNDLE_INVALID'],
  [/^rekor2-timestamp/, 'ARTIFACT_TIMESTAMP_INVALID'],
  [/^(message-digest-mismatch|wrong-material)/, 'ARTIFACT_CONTENT_MISMATCH'],
  [
    /^integrated-time-in-future|outside-(signing-)?cert-validity|expired/,
    'ARTIFACT_CERTIFICATE_INVALID',
  ],
  [/checkpoint|inclusion-proof|^set-invalid/, 'ARTIFACT_LOG_ENTRY_INVALID'],
  [/mismatch|dsse-|wrong-hashedrekord|incorrect-public-key/, 'ARTIFACT_LOG_ENTRY_MISMATCH'],
];

describe('Sigstore client conformance: verification of bundles', { skip }, () => {
  const names = skip === false ? readdirSync(folder).filter((name) => !name.includes('.')) : [];
  const versions = skip === false ? readdirSync(folder).filter((name) => /-v0\.\d/.test(name)) : [];
  for (const name of new Set([...names, ...versions])) {
    test(name, () => {
      if (!name.endsWith('_fail')) {
        verifyCase(name);
        return;
      }
      const [, code] = CODES.find(([pattern]) => pattern.test(name)) ?? [];
      assert.throws(
        () => verifyCase(name),
        (error) => {
          assert.ok(error instanceof CodedError, String(error));
          assert.equal(error.code, code, error.message);
          return true;
        },
      );
    });
  }
});

function verifyCase(name: string): void {
  const file = (part: string): string => path.join(folder, name, part);
  const given = (part: string, otherwise: string): string =>
    existsSync(file(part)) ? readFileSync(file(part), 'utf8').trim() : otherwise;
  const root = existsSync(file('trusted_root.json')) ? file('trusted_root.json') : publicGood;
  const trustedRoot = parseTrustedRoot(readFileSync(root));
  const identities = [{ issuer: given('issuer', ACTIONS), subject: given('identity', BEACON) }];
  const trust: FileTrust = existsSync(file('key.pub'))
    ? { kind: 'key', key: readPublicKey(given('key.pub', '')), trustedRoot }
    : { kind: 'keyless', trustedRoot, identities };
  const artifact = existsSync(file('artifact')) ? file('artifact') : path.join(folder, 'a.txt');
  verifyFileBundle(readFileSync(file('bundle.sigstore.json')), readFileSync(artifact), trust, NOW);
}
