/**
 * Against the Sigstore project's own JavaScript client, where one is installed: PROOFMARK_SIGSTORE_JS
 * names the `node_modules` folder with `@sigstore/sign`, `@sigstore/verify` and `@sigstore/bundle`.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { after, describe, test } from 'node:test';

import { buildPayload } from '../../src/statement.ts';
import { hashFolder } from '../../src/hash.ts';
import { signModelKeyless } from '../../src/sigstore/sign-keyless.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { verifyModel } from '../../src/verify.ts';
import { modelFolder } from '../model-folder.ts';
import { ISSUER, SUBJECT, makeInstance } from '../sigstore/instance.ts';
import { serve } from '../sigstore/services.ts';

const { PROOFMARK_SIGSTORE_JS: modules = '' } = process.env;
const skip = modules === '' ? 'skipped: PROOFMARK_SIGSTORE_JS names no node_modules folder' : false;

type Loose = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
type Constructors = Readonly<Record<string, new (...args: readonly unknown[]) => Loose>>;

describe('the Sigstore project’s JavaScript client', { skip }, async () => {
  if (skip !== false) return;
  const load = createRequire(path.join(modules, 'index.js'));
  const instance = makeInstance(Date.now());
  const services = await serve(instance);
  after(() => services.close());
  const folder = modelFolder();
  const manifest = await hashFolder(folder);
  const trustedRoot = parseTrustedRoot(instance.trustedRoot);

  test('verifies what we sign', async () => {
    const { bundle } = await signModelKeyless({
      name: 'sample',
      manifest,
      identityToken: services.token(),
      services: {
        fulcioUrl: services.url,
        rekorUrl: services.url,
        rekorVersion: 1,
        timestampUrl: `${services.url}/api/v1/timestamp`,
        trustedRoot,
      },
      clock: Date.now,
    });
    const { toTrustMaterial, toSignedEntity } = load('@sigstore/verify') as Loose;
    const { Verifier } = load('@sigstore/verify') as Constructors;
    const { bundleFromJSON } = load('@sigstore/bundle') as Loose;
    const { TrustedRoot } = load('@sigstore/protobuf-specs') as Readonly<Record<string, Loose>>;
    assert.ok(Verifier);

    const trust = toTrustMaterial?.(TrustedRoot?.['fromJSON']?.(JSON.parse(instance.trustedRoot)));
    const thresholds = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 2 };
    const verifier = new Verifier(trust, thresholds);
    const signer = verifier['verify']?.(toSignedEntity?.(bundleFromJSON?.(JSON.parse(bundle))));

    const { identity } = signer as { readonly identity: Readonly<Record<string, unknown>> };
    assert.equal(identity['subjectAlternativeName'], SUBJECT);
  });

  test('signs what we verify', async () => {
    const { DSSEBundleBuilder, FulcioSigner, RekorWitness } = load(
      '@sigstore/sign',
    ) as Constructors;
    const { bundleToJSON } = load('@sigstore/bundle') as Loose;
    assert.ok(DSSEBundleBuilder && FulcioSigner && RekorWitness);
    const identityProvider = { getToken: () => Promise.resolve(services.token()) };
    const builder = new DSSEBundleBuilder({
      signer: new FulcioSigner({ fulcioBaseURL: services.url, identityProvider }),
      witnesses: [new RekorWitness({ rekorBaseURL: services.url, entryType: 'dsse' })],
    });

    const made = await builder['create']?.({
      data: Buffer.from(buildPayload('sample', manifest, ['model.sig'])),
      type: 'application/vnd.in-toto+json',
    });
    const file = path.join(folder, 'model.sig');
    const text = JSON.stringify(bundleToJSON?.(made));
    writeFileSync(file, text);

    const identities = [{ issuer: ISSUER, subject: SUBJECT }];
    const trust = { keys: [], keyless: [{ trustedRoot, identities }], nowMs: Date.now() + 5000 };
    const { signer } = await verifyModel(folder, text, trust, { ignore: ['model.sig'] });
    assert.equal(signer.method, 'keyless');
  });
});
