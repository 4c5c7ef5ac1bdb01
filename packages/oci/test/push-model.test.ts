import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';

import { pushModel } from '../src/push-model.ts';
import type { PushRequest } from '../src/push-model.ts';
import { registryStore } from '../src/registry-store.ts';
import { signedFolder } from './model.ts';
import { startRegistry } from './registry-server.ts';

const registry = await startRegistry({ listsReferrers: true });
after(() => registry.close());
const store = registryStore({
  host: registry.host,
  repository: 'a/b',
  credentials: null,
  access: 'pull,push',
  pauseMs: 1,
});
const request = async (): Promise<PushRequest> => ({
  store,
  ...(await signedFolder()),
  attestations: [Buffer.from('{"payloadType":"x"}')],
  name: 'sample',
  tag: '1.0',
});

test('equal files go once, and what is there does not go again', async () => {
  const push = await request();

  const first = await pushModel(push);
  const before = registry.requests.length;
  const second = await pushModel({ ...push, tag: '1.1' });

  assert.deepEqual([first.files, second.digest], [6, first.digest]);
  assert.equal(first.bytesSkipped, 22_000);
  assert.equal(second.bytesSkipped, second.bytesTotal);
  const uploads = registry.requests.slice(before).filter(({ line }) => line.startsWith('POST'));
  assert.deepEqual(uploads, []);
});

test('the tag moves last', () => {
  const puts = registry.requests
    .map(({ line }) => line)
    .filter((line) => /PUT .*manifests/.test(line));

  assert.match(puts[0] ?? '', /manifests\/sha256:/);
  assert.equal(
    puts.findIndex((line) => line.endsWith('/1.0')),
    3,
  );
});

test('a file that changed after it was verified is not pushed', async () => {
  const push = await request();
  const changed = 'x'.repeat('# another\n'.length);
  writeFileSync(path.join(push.folder, 'config.json'), changed.slice(0, 8));

  registry.blobs.clear();
  await assert.rejects(pushModel({ ...push, tag: 'changed' }), { code: 'OCI_DIGEST_MISMATCH' });

  assert.ok(!registry.manifests.has('changed'));
});
