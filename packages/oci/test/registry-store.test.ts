import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { collect } from '../src/bounded-bytes.ts';
import { MANIFEST_TYPE, describe, digestOf } from '../src/descriptor.ts';
import { registryStore } from '../src/registry-store.ts';
import { startRegistry } from './registry-server.ts';
import type { Behaviour, TestRegistry } from './registry-server.ts';
import { storeContract } from './store-contract.ts';

const running: TestRegistry[] = [];
after(() => Promise.all(running.map((registry) => registry.close())));

async function start(behaviour: Behaviour = {}): Promise<TestRegistry> {
  const registry = await startRegistry(behaviour);
  running.push(registry);
  return registry;
}

const options = { repository: 'a/b', credentials: null, access: 'pull,push', pauseMs: 1 } as const;
const open = async (behaviour?: Behaviour): Promise<ReturnType<typeof registryStore>> =>
  registryStore({ ...options, host: (await start(behaviour)).host });

storeContract('a registry that lists referrers', () => open({ listsReferrers: true }));
storeContract('a registry that does not', () => open());
storeContract('a registry with small chunks', async () =>
  registryStore({ ...options, host: (await start()).host, chunkBytes: 100 }),
);

const manifest = Buffer.from(
  JSON.stringify({ schemaVersion: 2, config: describe('a/b', '{}'), layers: [] }),
);

test('a manifest with other bytes than its digest is refused', async () => {
  const registry = await start();
  const store = registryStore({ ...options, host: registry.host });
  await store.putManifest(manifest, MANIFEST_TYPE, null);
  const digest = digestOf(manifest);
  registry.manifests.set(digest, { type: MANIFEST_TYPE, bytes: Buffer.from('{}') });

  await assert.rejects(store.getManifest(digest), { code: 'OCI_DIGEST_MISMATCH' });
});

test('a manifest without end is refused', async () => {
  const endless = await open({
    fault: (request, response) => {
      if (request.url?.includes('/manifests/') !== true) return false;
      response.writeHead(200).end(Buffer.alloc(5 * 1024 * 1024));
      return true;
    },
  });

  await assert.rejects(endless.getManifest('1'), { code: 'OCI_DIGEST_MISMATCH' });
});

test('a list of referrers goes on from page to page, and is not believed when it breaks off', async () => {
  const answers = [
    { status: 200, type: 'one', link: '</v2/a/b/referrers/more>; rel="next"' },
    { status: 200, type: 'two', link: '</v2/a/b/referrers/most>; rel="next"' },
    { status: 404, type: '', link: '' },
  ];
  const paged = await open({
    fault: (request, response) => {
      if (request.url?.includes('/referrers/') !== true) return false;
      const { status, type, link } = answers.shift() ?? { status: 404, type: '', link: '' };
      const entry = { ...describe('a/b', '{}'), artifactType: type };
      response.writeHead(status, { link });
      response.end(JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
      return true;
    },
  });
  const seen: (string | undefined)[] = [];

  await assert.rejects(
    async () => {
      for await (const page of paged.referrers(digestOf(manifest), 'one')) {
        seen.push(...page.map(({ artifactType }) => artifactType));
      }
    },
    { code: 'OCI_REGISTRY_FAILED' },
  );

  assert.deepEqual(seen, ['one', 'two']);
});

test('a registry that ignores or falsifies ranges is found out', async () => {
  const bytes = Buffer.from('0123456789');
  const answering = (
    status: number,
    headers: Record<string, string>,
  ): Promise<ReturnType<typeof registryStore>> =>
    open({
      fault: (request, response) => {
        if (request.url?.includes('/blobs/sha256') !== true) return false;
        response.writeHead(status, headers).end(bytes);
        return true;
      },
    });
  const descriptor = describe('a/b', bytes);

  const whole = await collect((await answering(200, {})).getBlob(descriptor, 4), 10);
  assert.equal(Buffer.from(whole).toString(), '456789');

  const lying = await answering(206, { 'content-range': 'bytes 0-9/10' });
  await assert.rejects(collect(lying.getBlob(descriptor, 4), 10), { code: 'OCI_REGISTRY_FAILED' });
});
