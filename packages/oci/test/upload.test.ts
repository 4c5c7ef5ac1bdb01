import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';

import type { OpenBytes } from '../src/content-store.ts';
import { describe } from '../src/descriptor.ts';
import { RegistrySession } from '../src/registry-session.ts';
import { uploadBlob } from '../src/upload.ts';
import { startRegistry } from './registry-server.ts';
import type { Behaviour, TestRegistry } from './registry-server.ts';

const running: TestRegistry[] = [];
after(() => Promise.all(running.map((registry) => registry.close())));

const bytes = randomBytes(1000);
const descriptor = describe('a/b', bytes);
const open: OpenBytes = async function* read(from) {
  for (let at = from; at < bytes.length; at += 64) {
    yield await Promise.resolve(bytes.subarray(at, at + 64));
  }
};

async function upload(
  behaviour: Behaviour,
  chunkBytes: number,
  from = open,
): Promise<TestRegistry> {
  const registry = await startRegistry(behaviour);
  running.push(registry);
  const session = new RegistrySession({
    host: registry.host,
    repository: 'a/b',
    credentials: null,
    access: 'pull,push',
    pauseMs: 1,
  });
  await uploadBlob(session, descriptor, from, chunkBytes);
  return registry;
}

const methods = ({ requests }: TestRegistry): string =>
  requests.map(({ line }) => line.split(' ')[0]).join(' ');

test('a small blob goes in one request, a large one in chunks', async () => {
  const small = await upload({}, 1000);
  const large = await upload({}, 400);

  assert.equal(methods(small), 'POST PUT');
  assert.equal(methods(large), 'POST PATCH PATCH PATCH PUT');
  assert.deepEqual(
    [...small.blobs.keys(), ...large.blobs.keys()],
    [descriptor.digest, descriptor.digest],
  );
});

test('an upload that broke goes on from the byte that arrived last', async () => {
  const registry = await upload({ cutUploads: [300] }, 400);

  assert.equal(methods(registry), 'POST PATCH GET PATCH PATCH PUT');
  assert.ok(registry.blobs.get(descriptor.digest)?.equals(bytes));
});

test('an upload that the registry has forgotten, or that never began, starts again', async () => {
  let forgets = true;
  const registry = await upload(
    {
      cutUploads: [100],
      fault: (request, response) => {
        if (request.method !== 'GET' || !forgets) return false;
        forgets = false;
        response.writeHead(404).end();
        return true;
      },
    },
    400,
  );

  assert.equal(methods(registry), 'POST PATCH GET POST PATCH PATCH PATCH PUT');
  assert.ok(registry.blobs.get(descriptor.digest)?.equals(bytes));
});

test('a registry that says 416 is asked where it is', async () => {
  let refuses = true;
  const registry = await upload(
    {
      fault: (request, response) => {
        const isSecond = request.headers['content-range']?.startsWith('400-') === true;
        if (!isSecond || !refuses) return false;
        refuses = false;
        request.resume();
        response.writeHead(416).end();
        return true;
      },
    },
    400,
  );

  assert.ok(registry.blobs.get(descriptor.digest)?.equals(bytes));
});

test('an upload address on another host is refused, and gets no byte', async () => {
  const other = await startRegistry();
  running.push(other);
  const work = upload(
    {
      fault: (request, response) => {
        if (request.method !== 'POST') return false;
        response.writeHead(202, { location: `${other.url}/v2/a/blobs/uploads/x` }).end();
        return true;
      },
    },
    400,
  );

  await assert.rejects(work, { code: 'OCI_REDIRECT_REFUSED' });
  assert.deepEqual(other.requests, []);
});

test('a file that changed, or became shorter, is not pushed', async () => {
  const changed: OpenBytes = async function* read() {
    yield await Promise.resolve(Buffer.alloc(1000));
  };
  await assert.rejects(upload({}, 1000, changed), { code: 'OCI_DIGEST_MISMATCH' });
  await assert.rejects(upload({}, 400, changed), { code: 'OCI_DIGEST_MISMATCH' });
  const short: OpenBytes = async function* read() {
    yield await Promise.resolve(bytes.subarray(0, 10));
  };
  await assert.rejects(upload({}, 1000, short));
});

test('a blob of another repository is taken over without an upload, where the registry can', async () => {
  const registry = await startRegistry();
  running.push(registry);
  const session = new RegistrySession({
    host: registry.host,
    repository: 'a/b',
    credentials: null,
    access: 'pull,push',
    mountFrom: 'base/model',
  });

  await uploadBlob(session, descriptor, open, 1000);
  await uploadBlob(session, descriptor, open, 1000);

  assert.equal(methods(registry), 'POST PUT POST');
  assert.match(registry.requests[2]?.line ?? '', /mount=sha256%3A[0-9a-f]{64}&from=base%2Fmodel$/);
});
