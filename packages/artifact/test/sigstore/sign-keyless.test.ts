import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { ArtifactError } from '../../src/errors.ts';
import { hashFolder } from '../../src/hash.ts';
import { signModelKeyless } from '../../src/sigstore/sign-keyless.ts';
import type { KeylessSignRequest } from '../../src/sigstore/sign-keyless.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { verifyModel } from '../../src/verify.ts';
import { modelFolder } from '../model-folder.ts';
import { ISSUER, SUBJECT, makeInstance } from './instance.ts';
import { serve } from './services.ts';
import type { ServiceBehaviour, Services } from './services.ts';

const instance = makeInstance(Date.now());
const trustedRoot = parseTrustedRoot(instance.trustedRoot);
const folder = modelFolder();
const manifest = await hashFolder(folder);
const open: Services[] = [];
after(() => Promise.all(open.map((services) => services.close())));

type Change = Partial<KeylessSignRequest['services']> & { readonly token?: string };

async function start(behaviour: ServiceBehaviour = {}): Promise<Services> {
  const services = await serve(instance, behaviour);
  open.push(services);
  return services;
}

function request(services: Services, { token, ...change }: Change = {}): KeylessSignRequest {
  return {
    name: 'sample',
    manifest,
    identityToken: token ?? services.token(),
    services: {
      fulcioUrl: services.url,
      rekorUrl: services.url,
      rekorVersion: 1,
      timestampUrl: null,
      trustedRoot,
      ...change,
    },
    clock: Date.now,
  };
}

const trust = {
  keys: [],
  keyless: [{ trustedRoot, identities: [{ issuer: ISSUER, subject: SUBJECT }] }],
  // Read when it is used: other tests may take a minute before these.
  get nowMs(): number {
    return Date.now() + 5000;
  },
};

describe('a model that was signed without a key verifies', () => {
  test('with a log that signs the time', async () => {
    const services = await start();

    const { bundle, signer } = await signModelKeyless(request(services));

    const verified = await verifyModel(folder, bundle, trust);
    assert.equal(verified.signer.method, 'keyless');
    assert.equal(signer.identity.subject, SUBJECT);
    assert.deepEqual(services.requests, ['POST /api/v2/signingCert', 'POST /api/v1/log/entries']);
  });

  test('with a tiled log and a time-stamp authority', async () => {
    const services = await start();
    const timestampUrl = `${services.url}/api/v1/timestamp`;

    const { bundle } = await signModelKeyless(request(services, { rekorVersion: 2, timestampUrl }));

    assert.equal((await verifyModel(folder, bundle, trust)).signer.method, 'keyless');
  });

  test('with an e-mail address, when it is verified', async () => {
    const services = await start();
    const claims = { email: 'release@acme.example', email_verified: true };

    const { signer } = await signModelKeyless(request(services, { token: services.token(claims) }));

    assert.deepEqual(signer.identity, { subject: 'release@acme.example', issuer: ISSUER });
  });
});

describe('nothing is signed', () => {
  const refused = (work: Promise<unknown>, code: string): Promise<void> =>
    assert.rejects(work, (error) => error instanceof ArtifactError && error.code === code);

  test('with a token that is none, is altered, or whose address is not verified', async () => {
    const services = await start();
    const [head = '', , signature = ''] = services.token().split('.');
    const claims = Buffer.from('{"sub":"somebody else"}').toString('base64url');
    const tokens = [
      'no token',
      `${head}.${claims}.${signature}`,
      services.token({ email: 'release@acme.example', email_verified: false }),
    ];

    for (const token of tokens) {
      await assert.rejects(signModelKeyless(request(services, { token })), (error) => {
        assert.ok(error instanceof ArtifactError);
        assert.equal(error.code, 'ARTIFACT_SERVICE_FAILED');
        assert.ok(!error.message.includes(token));
        return true;
      });
    }
  });

  test('when a service redirects, and the token goes nowhere else', async () => {
    const other = await start();
    const services = await start({ redirectTo: `${other.url}/api/v2/signingCert` });

    await refused(signModelKeyless(request(services)), 'ARTIFACT_SERVICE_FAILED');

    assert.deepEqual(other.requests, []);
  });

  test('over plain HTTP to another machine', async () => {
    const services = await start();
    const change = { fulcioUrl: 'http://fulcio.example.org' };

    await refused(signModelKeyless(request(services, change)), 'ARTIFACT_SERVICE_FAILED');
  });

  test('when the services answer what does not verify', async () => {
    const forged = await start({ issue: { sct: 'forged' } });
    const mute = await start();
    const lying = await start({
      logAnswer: (answer) => {
        const [uuid = '', entry] = Object.entries(answer)[0] ?? [];
        return { [uuid]: { ...(entry as Record<string, unknown>), integratedTime: 1 } };
      },
    });

    await refused(signModelKeyless(request(forged)), 'ARTIFACT_SCT_INVALID');
    await refused(signModelKeyless(request(lying)), 'ARTIFACT_LOG_ENTRY_INVALID');
    await refused(
      signModelKeyless(request(mute, { rekorVersion: 2 })),
      'ARTIFACT_TIMESTAMP_MISSING',
    );
  });
});
