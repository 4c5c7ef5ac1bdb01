import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { readPublicKey } from '@proofmark/core';

import { readCertificates } from '../src/certificate.ts';
import { ArtifactError } from '../src/errors.ts';
import { parseTrustedRoot } from '../src/sigstore/trusted-root.ts';
import type { SignatureTrust } from '../src/signer-identity.ts';
import { verifyBundle, verifyModel } from '../src/verify.ts';
import { modelFolder } from './model-folder.ts';

const root = path.join(import.meta.dirname, '../../..');

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly ignore?: readonly string[];
  readonly publicKeys?: readonly string[];
  readonly roots?: string;
  readonly at: string;
  readonly bundle: string;
  readonly expect: {
    readonly verdict: 'pass' | 'fail';
    readonly method?: string;
    readonly omsRoot?: string;
    readonly manifestDigest?: string;
    readonly signedRoot?: string;
    readonly error?: string;
    readonly kind?: string;
    readonly path?: string;
  };
}

const { cases } = JSON.parse(readFileSync(path.join(root, 'vectors/oms/bundles.json'), 'utf8')) as {
  readonly cases: readonly Case[];
};

describe('vectors/oms/bundles.json', () => {
  for (const vector of cases) test(vector.name, () => check(vector));
});

async function check(vector: Case): Promise<void> {
  const { expect } = vector;
  const trust = trustOf(vector);
  const folder = modelFolder(vector.files);
  const options = { ignore: vector.ignore ?? [] };
  if (expect.verdict === 'pass') {
    const { manifest, signer } = await verifyModel(folder, vector.bundle, trust, options);

    assert.equal(signer.method, expect.method);
    assert.equal(manifest.omsRoot, expect.omsRoot);
    assert.equal(manifest.manifestDigest, expect.manifestDigest);
    const { statement } = verifyBundle(vector.bundle, trust);
    assert.equal(statement.omsRoot, expect.signedRoot ?? expect.omsRoot);
    return;
  }
  await assert.rejects(verifyModel(folder, vector.bundle, trust, options), (error) => {
    assert.ok(error instanceof ArtifactError, String(error));
    assert.equal(error.code, expect.error);
    if (expect.kind !== undefined) {
      assert.deepEqual([error.details['kind'], error.details['path']], [expect.kind, expect.path]);
    }
    return true;
  });
}

function trustOf({ publicKeys = [], roots, at }: Case): SignatureTrust {
  return {
    keys: publicKeys.map(readPublicKey),
    ...(roots === undefined ? {} : { certificates: [{ roots: readCertificates(roots) }] }),
    nowMs: Date.parse(at),
  };
}

// Public vectors, not copied into the project.
const vectors = path.join(root, '../shared/vectors');
const missing = (folder: string): string | false =>
  existsSync(path.join(vectors, folder)) ? false : `skipped: no ../shared/vectors/${folder} here`;

/** Trust in the keys that the public vectors were signed with. */
function publicTrust(change: Partial<SignatureTrust> = {}): SignatureTrust {
  const keys = path.join(vectors, 'oms-reference/keys/certificate');
  return {
    keys: [readPublicKey(readFileSync(path.join(keys, 'signing-key-pub.pem'), 'utf8'))],
    certificates: [{ roots: [new X509Certificate(readFileSync(path.join(keys, 'ca-cert.pem')))] }],
    nowMs: Date.parse('2025-12-01T00:00:00Z'),
    ...change,
  };
}

/** Who signed the public keyless vectors. */
const SIGNER = 'stefanb@us.ibm.com';

function keylessTrust(subject: string): SignatureTrust {
  const file = path.join(root, 'deploy/sigstore/public-good.json');
  const issuer = 'https://sigstore.verify.ibm.com/oauth2';
  const trustedRoot = parseTrustedRoot(readFileSync(file));
  return {
    keys: [],
    keyless: [{ trustedRoot, identities: [{ issuer, subject }] }],
    nowMs: Date.parse('2026-01-01T00:00:00Z'),
  };
}

describe('folders signed by released versions', { skip: missing('oms-reference') }, () => {
  const ignore = ['model.sig', 'ignore-me'];
  const signed = (name: string): { readonly folder: string; readonly bundle: string } => {
    const folder = path.join(vectors, 'oms-reference', name);
    return { folder, bundle: readFileSync(path.join(folder, 'model.sig'), 'utf8') };
  };

  for (const version of ['v0.3.1', 'v1.0.0', 'v1.0.1', 'v1.1.0']) {
    for (const method of ['certificate', 'elliptic-key']) {
      test(`${version}-${method} verifies`, async () => {
        const { folder, bundle } = signed(`${version}-${method}`);

        const { manifest } = await verifyModel(folder, bundle, publicTrust(), { ignore });

        assert.ok(manifest.files.length >= 1);
      });
    }

    test(`${version}-sigstore verifies offline, for its signer alone`, async () => {
      const { folder, bundle } = signed(`${version}-sigstore`);

      const { signer } = await verifyModel(folder, bundle, keylessTrust(SIGNER), { ignore });

      assert.equal(signer.method, 'keyless');
      for (const subject of ['ibm.com', 'other@us.ibm.com']) {
        assert.throws(
          () => verifyBundle(bundle, keylessTrust(subject)),
          coded('ARTIFACT_IDENTITY_MISMATCH'),
        );
      }
      assert.throws(
        () => verifyBundle(bundle, publicTrust()),
        coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
      );
    });
  }

  test('v0.2.0-certificate verifies only when the caller accepts its malformed encoding', async () => {
    const { folder, bundle } = signed('v0.2.0-certificate');

    await verifyModel(folder, bundle, publicTrust({ legacyPae: true }), { ignore });
    await assert.rejects(
      verifyModel(folder, bundle, publicTrust(), { ignore }),
      coded('ARTIFACT_SIGNATURE_UNTRUSTED'),
    );
  });

  test('certificates count only while they are valid', () => {
    const { bundle } = signed('v1.1.0-certificate');

    for (const at of ['2000-01-01', '2100-01-01']) {
      assert.throws(
        () => verifyBundle(bundle, publicTrust({ nowMs: Date.parse(at) })),
        coded('ARTIFACT_CERTIFICATE_INVALID'),
      );
    }
  });
});

describe('bundles of the specification', { skip: missing('oms-spec') }, () => {
  const bundle = (name: string): string =>
    readFileSync(path.join(vectors, `oms-spec/test-vectors/v1.0/${name}.bundle.json`), 'utf8');

  for (const method of ['key', 'certificate']) {
    test(`valid/${method} verifies`, () => {
      const { statement, signer } = verifyBundle(bundle(`valid/${method}`), publicTrust());

      assert.equal(signer.method, method);
      assert.ok(statement.resources.length > 0);
    });
  }

  test('valid/sigstore verifies', () => {
    const { signer } = verifyBundle(bundle('valid/sigstore'), keylessTrust(SIGNER));

    assert.equal(signer.method, 'keyless');
  });

  test('invalid/missing-tlog-entries is in no log', () => {
    assert.throws(
      () => verifyBundle(bundle('invalid/missing-tlog-entries'), keylessTrust(SIGNER)),
      coded('ARTIFACT_LOG_ENTRY_INVALID'),
    );
  });

  const refused: readonly (readonly [string, string])[] = [
    ['invalid/empty', 'ARTIFACT_BUNDLE_INVALID'],
    ['invalid/missing-envelope', 'ARTIFACT_BUNDLE_INVALID'],
    ['invalid/missing-verification-material', 'ARTIFACT_BUNDLE_INVALID'],
    ['invalid/missing-tlog-entries', 'ARTIFACT_SIGNATURE_UNTRUSTED'],
  ];
  for (const [name, code] of refused) {
    test(`${name} is refused`, () => {
      assert.throws(() => verifyBundle(bundle(name), publicTrust()), coded(code));
    });
  }

  test('invalid-payload/wrong-predicate is refused for its payload or its signature', () => {
    assert.throws(
      () => verifyBundle(bundle('invalid-payload/wrong-predicate'), publicTrust()),
      (error) =>
        coded('ARTIFACT_STATEMENT_INVALID')(error) || coded('ARTIFACT_SIGNATURE_UNTRUSTED')(error),
    );
  });
});

function coded(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ArtifactError && error.code === code;
}
