import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { verifyModel } from '@proofmark/artifact';

import { ATTESTATION_TYPE, BUNDLE_TYPE, attach } from '../src/attachment.ts';
import type { ContentStore } from '../src/content-store.ts';
import { MANIFEST_TYPE } from '../src/descriptor.ts';
import { writeModel } from '../src/model-manifest.ts';
import { pullModel } from '../src/pull-model.ts';
import type { PullRequest } from '../src/pull-model.ts';
import { pushModel } from '../src/push-model.ts';
import { registryStore } from '../src/registry-store.ts';
import { FILES, attest, signedFolder, signer, strangers, trust } from './model.ts';
import { startRegistry } from './registry-server.ts';
import type { Behaviour, TestRegistry } from './registry-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

const running: TestRegistry[] = [];
after(() => Promise.all(running.map((registry) => registry.close())));

const signed = await signedFolder();
const LARGE = 'weights/part-2.safetensors';
const largeDigest = `sha256:${signed.verified.manifest.files.find(({ path: p }) => p === LARGE)?.sha256 ?? ''}`;

const { manifestDigest } = signed.verified.manifest;
const document = Buffer.from(JSON.stringify(await attest(signer, { manifest: manifestDigest })));

interface Pushed {
  readonly registry: TestRegistry;
  readonly store: ContentStore;
  readonly digest: string;
}

async function pushed(behaviour: Behaviour = {}): Promise<Pushed> {
  const registry = await startRegistry(behaviour);
  running.push(registry);
  const store = registryStore({
    host: registry.host,
    repository: 'a/b',
    credentials: null,
    access: 'pull,push',
    pauseMs: 1,
  });
  const attestations = [document];
  const { digest } = await pushModel({ store, ...signed, attestations, name: 'm', tag: '1' });
  registry.requests.length = 0;
  return { registry, store, digest };
}

function request(store: ContentStore, change: Partial<PullRequest> = {}): PullRequest {
  const target = path.join(temporaryFolder(), 'model');
  const attestations = { trust, required: false };
  return { store, reference: '1', target, trust, attestations, maxBytes: 1e9, ...change };
}

async function refused(pull: PullRequest, code: string): Promise<void> {
  await assert.rejects(pullModel(pull), { code });
  assert.deepEqual(readdirSync(path.dirname(pull.target)), [], 'something was left');
}

test('what comes out is what went in, with its signature beside it', async () => {
  const { store, digest } = await pushed();
  const pull = request(store);

  const result = await pullModel(pull);

  for (const [name, content] of Object.entries(FILES)) {
    assert.equal(readFileSync(path.join(pull.target, name), 'utf8'), content);
  }
  const bundle = readFileSync(path.join(pull.target, 'model.sig'));
  await verifyModel(pull.target, bundle, trust);
  assert.equal(result.digest, digest);
  assert.equal(result.verified.manifest.manifestDigest, signed.verified.manifest.manifestDigest);
  assert.deepEqual(
    result.attestations?.judged.map((one) => one.document),
    [document],
  );
  assert.deepEqual(readdirSync(path.dirname(pull.target)), ['model']);
});

describe('nothing is left, and no file is fetched,', () => {
  const fetched = ({ requests }: TestRegistry): boolean =>
    requests.some(({ line }) => line.includes(`GET /v2/a/b/blobs/${largeDigest}`));

  test('of a model that nobody trusted has signed', async () => {
    const { registry, store } = await pushed();

    await refused(request(store, { trust: strangers }), 'ARTIFACT_SIGNATURE_UNTRUSTED');

    assert.ok(!fetched(registry));
  });

  test('of a model whose signature is of another one', async () => {
    const { registry, store } = await pushed();
    const other = writeModel('m', [{ path: 'a', sizeBytes: 1, sha256: 'd'.repeat(64) }]).manifest;
    await store.putManifest(other, MANIFEST_TYPE, 'other');
    await refused(request(store, { reference: 'other' }), 'OCI_SIGNATURE_MISSING');
    await attach(store, other, BUNDLE_TYPE, signed.bundle);

    await refused(request(store, { reference: 'other' }), 'ARTIFACT_CONTENT_MISMATCH');

    assert.ok(!fetched(registry));
  });

  test('of a model that is larger than allowed', async () => {
    const { registry, store } = await pushed();

    await refused(request(store, { maxBytes: 1000 }), 'OCI_MANIFEST_INVALID');

    assert.ok(!fetched(registry));
  });

  test('over a folder that exists', async () => {
    const { store } = await pushed();
    const pull = request(store);
    mkdirSync(pull.target);

    await assert.rejects(pullModel(pull), { code: 'OCI_TARGET_EXISTS' });

    assert.deepEqual(readdirSync(pull.target), []);
  });
});

test('a good signature is found beside a bad one', async () => {
  const { store } = await pushed({ listsReferrers: true });
  const { bytes } = await store.getManifest('1');
  await attach(store, bytes, BUNDLE_TYPE, Buffer.from('{}'));
  const pull = request(store);

  await pullModel(pull);

  assert.ok(existsSync(pull.target));
});

test('a signature that came another way needs none that is attached', async () => {
  const { registry, store } = await pushed();
  const lost: ContentStore = {
    ...store,
    async *referrers() {
      yield* await Promise.resolve([]);
    },
  };
  await refused(request(lost), 'OCI_SIGNATURE_MISSING');
  const other = Buffer.from(signed.bundle).toString('utf8').replace('"sig":"', '"sig":"AAAA');

  await refused(request(lost, { bundle: Buffer.from(other) }), 'ARTIFACT_SIGNATURE_UNTRUSTED');
  const result = await pullModel(request(lost, { bundle: signed.bundle, attestations: null }));

  assert.equal(result.bundlesLookedAt, 0);
  assert.ok(!registry.requests.some(({ line }) => line.includes('/referrers/')));
});

test('a tampered attestation refuses the pull before a file is fetched; the model alone is still there', async () => {
  const { registry, store } = await pushed();
  const changed = document.toString().replace(/"payload":"[^"]+"/, '"payload":"e30="');
  const { bytes } = await store.getManifest('1');
  await attach(store, bytes, ATTESTATION_TYPE, Buffer.from(changed));

  await refused(request(store), 'OCI_ATTESTATION_TAMPERED');
  assert.ok(
    !registry.requests.some(({ line }) => line.startsWith(`GET /v2/a/b/blobs/${largeDigest}`)),
  );
  const { attestations } = await pullModel(request(store, { attestations: null }));

  assert.equal(attestations, null);
});

describe('a download', () => {
  const onBlob = (answer: Exclude<Behaviour['fault'], undefined>): Behaviour => ({
    fault: (incoming, response, server) =>
      incoming.method === 'GET' &&
      incoming.url?.endsWith(largeDigest) === true &&
      answer(incoming, response, server),
  });

  test('that breaks goes on from where it was', async () => {
    let cuts = 3;
    const { registry, store } = await pushed(
      onBlob((incoming, response, { blobs }) => {
        if (cuts === 0) return false;
        cuts -= 1;
        const blob = blobs.get(largeDigest) ?? Buffer.alloc(0);
        const from = Number(/\d+/.exec(incoming.headers.range ?? '0')?.[0]);
        response.writeHead(from === 0 ? 200 : 206, {
          'content-length': `${blob.length - from}`,
          ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${blob.length - 1}/*` }),
        });
        response.write(blob.subarray(from, from + 5000), () => response.destroy());
        return true;
      }),
    );
    const pull = request(store);

    await pullModel(pull);

    assert.equal(readFileSync(path.join(pull.target, LARGE), 'utf8'), FILES[LARGE]);
    const asked = registry.requests.filter(({ line }) => line.includes(largeDigest));
    assert.equal(asked.length, 4);
  });

  const faults: readonly (readonly [string, string, Exclude<Behaviour['fault'], undefined>])[] = [
    [
      'with other bytes',
      'OCI_DIGEST_MISMATCH',
      (_incoming, response, { blobs }) => {
        response.writeHead(200).end(Buffer.alloc(blobs.get(largeDigest)?.length ?? 0));
        return true;
      },
    ],
    [
      'that ends early',
      'OCI_DIGEST_MISMATCH',
      (_incoming, response, { blobs }) => {
        response.writeHead(200).end(blobs.get(largeDigest)?.subarray(0, 100));
        return true;
      },
    ],
    [
      'that does not end',
      'OCI_DIGEST_MISMATCH',
      (_incoming, response) => {
        response.writeHead(200).end(Buffer.alloc(1_000_000));
        return true;
      },
    ],
    [
      'that is compressed on the way',
      'OCI_DIGEST_MISMATCH',
      (_incoming, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.alloc(100));
        return true;
      },
    ],
    [
      'that is sent into a private network without TLS',
      'OCI_REDIRECT_REFUSED',
      (_incoming, response) => {
        response.writeHead(307, { location: 'http://10.0.0.1/metadata' }).end();
        return true;
      },
    ],
  ];
  for (const [name, code, fault] of faults) {
    test(`${name} leaves nothing`, async () => {
      const { store } = await pushed(onBlob(fault));

      await refused(request(store), code);
    });
  }

  test('that is cancelled leaves nothing', async () => {
    const { store } = await pushed();
    const controller = new AbortController();
    const pull = request(store, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });

    await refused(pull, 'OCI_CANCELLED');
  });
});
