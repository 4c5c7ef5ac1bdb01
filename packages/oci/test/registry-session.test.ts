import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { RegistrySession } from '../src/registry-session.ts';
import type { SessionOptions } from '../src/registry-session.ts';
import { startRegistry } from './registry-server.ts';
import type { Behaviour, TestRegistry } from './registry-server.ts';

const running: TestRegistry[] = [];
after(() => Promise.all(running.map((registry) => registry.close())));

async function start(behaviour: Behaviour = {}): Promise<TestRegistry> {
  const registry = await startRegistry(behaviour);
  running.push(registry);
  return registry;
}

const login = 'me:top secret';
const credentials = { username: 'me', password: 'top secret', identityToken: null };

function sessionWith(
  registry: TestRegistry,
  change: Partial<SessionOptions> = {},
): RegistrySession {
  return new RegistrySession({
    host: registry.host,
    repository: 'a/b',
    credentials: null,
    access: 'pull',
    pauseMs: 1,
    ...change,
  });
}

async function head(session: RegistrySession): Promise<number> {
  const url = session.url(`blobs/sha256:${'0'.repeat(64)}`);
  const response = await session.exchange({ method: 'HEAD', url });
  response.discard();
  return response.status;
}

describe('credentials', () => {
  for (const scheme of ['basic', 'bearer'] as const) {
    test(`are given to a registry that wants ${scheme}, and only after it asked`, async () => {
      const registry = await start({ auth: { scheme, login } });
      const session = sessionWith(registry, { credentials });

      assert.deepEqual([await head(session), await head(session)], [404, 404]);

      assert.equal(registry.requests[0]?.authorization, undefined);
      const tokens = registry.requests.filter(({ line }) => line.startsWith('GET /token'));
      assert.equal(tokens.length, scheme === 'bearer' ? 1 : 0);
    });
  }

  test('ask for the rights of this work, whatever the challenge says', async () => {
    const registry = await start({ auth: { scheme: 'bearer', login } });

    await head(sessionWith(registry, { credentials }));

    const [asked] = registry.requests.filter(({ line }) => line.startsWith('GET /token'));
    const scope = new URL(asked?.line.slice(4) ?? '', registry.url).searchParams.get('scope');
    assert.equal(scope, 'repository:a/b:pull');
  });

  test('may be a refresh token, which travels in the body alone', async () => {
    const registry = await start({ auth: { scheme: 'bearer', login } });
    const refreshing = { ...credentials, password: '', identityToken: `refresh ${login}` };

    assert.equal(await head(sessionWith(registry, { credentials: refreshing })), 404);

    const lines = registry.requests.map(({ line }) => line);
    assert.ok(lines.includes('POST /token'));
    assert.ok(!lines.join(' ').includes('refresh'));
  });

  test('never go to the token service of somebody else', async () => {
    const evil = await start();
    const registry = await start({ auth: { scheme: 'bearer', login }, realm: `${evil.url}/token` });

    await assert.rejects(head(sessionWith(registry, { credentials })), {
      code: 'OCI_REDIRECT_REFUSED',
    });

    assert.deepEqual(evil.requests, []);
  });

  test('that are wrong or missing are refused, once, and stand in no error', async () => {
    for (const scheme of ['basic', 'bearer'] as const) {
      const registry = await start({ auth: { scheme, login } });
      for (const wrong of [null, { ...credentials, password: 'wrong secret' }]) {
        await assert.rejects(head(sessionWith(registry, { credentials: wrong })), (error) => {
          assert.ok(error instanceof Error);
          assert.ok(!`${error.stack} ${String(error.cause)}`.includes('secret'));
          return 'code' in error && error.code === 'OCI_ACCESS_DENIED';
        });
      }
      assert.ok(registry.requests.length <= 6);
    }
  });
});

test('a redirect to another host carries no credentials', async () => {
  const other = await start();
  const registry = await start({
    auth: { scheme: 'basic', login },
    fault: (request, response) => {
      if (request.headers.authorization === undefined) return false;
      response.writeHead(307, { location: `${other.url}/v2/a/blobs/x` }).end();
      return true;
    },
  });
  const session = sessionWith(registry, { credentials });

  const response = await session.download(session.url('blobs/x'), {});
  response.discard();

  assert.equal(response.status, 404);
  assert.deepEqual(
    other.requests.map(({ authorization }) => authorization),
    [undefined],
  );
});

test('redirects in a circle end', async () => {
  const registry = await start({
    fault: (request, response) => {
      response.writeHead(302, { location: request.url ?? '' }).end();
      return true;
    },
  });
  const session = sessionWith(registry);

  await assert.rejects(session.download(session.url('blobs/x'), {}), {
    code: 'OCI_REGISTRY_FAILED',
  });
});

test('busy and broken answers are tried again, refusals are not', async () => {
  let left = 3;
  const registry = await start({
    fault: (_request, response) => {
      left -= 1;
      if (left === 2) response.destroy();
      else if (left === 1) response.writeHead(429, { 'retry-after': '0' }).end();
      else if (left === 0) response.writeHead(503).end();
      return left >= 0;
    },
  });
  assert.equal(await head(sessionWith(registry)), 404);
  assert.equal(registry.requests.length, 4);

  const refusing = await start({
    fault: (_request, response) => {
      response.writeHead(403).end();
      return true;
    },
  });
  await assert.rejects(head(sessionWith(refusing)), { code: 'OCI_ACCESS_DENIED' });
  assert.equal(refusing.requests.length, 1);
});

test('a registry that stays silent or broken is given up', async () => {
  const silent = await start({ fault: () => true });

  await assert.rejects(head(sessionWith(silent, { idleTimeoutMs: 20 })), {
    code: 'OCI_REGISTRY_FAILED',
  });
  assert.equal(silent.requests.length, 5);
});

test('waiting ends when the work is cancelled', async () => {
  const controller = new AbortController();
  const broken = await start({
    fault: (_request, response) => {
      response.writeHead(503, { 'retry-after': '30' }).end();
      setImmediate(() => controller.abort());
      return true;
    },
  });

  await assert.rejects(head(sessionWith(broken, { signal: controller.signal })), {
    code: 'OCI_CANCELLED',
  });
});
