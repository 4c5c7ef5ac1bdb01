import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import type net from 'node:net';
import { test } from 'node:test';

import type { ReceiptIssuer } from '../src/receipt/issuer.ts';
import { hashTenantKey } from '../src/tenant-key.ts';
import {
  KEY,
  OTHER_KEY,
  SECRET,
  answering,
  beginStream,
  chunk,
  inWorld,
  sendWhole,
  testRoute,
  until,
} from './world.ts';
import type { Answer, Model } from './world.ts';

function errorOf(answer: Answer): Record<string, unknown> {
  return (answer.json() as { error: Record<string, unknown> }).error;
}

test('the model gets the exact bytes of the client, and none of its headers', async () => {
  let seen: { bytes: Buffer; headers: string } | null = null;
  await inWorld(
    {
      model: (_body, { request, response, bytes }) => {
        seen = { bytes, headers: JSON.stringify(request.headers) };
        sendWhole(response, 'Hello.');
      },
    },
    async (world) => {
      const body = '{ "model" : "support",\n"messages":[{"role":"user","content":"h\\u0069"}] }';

      const answer = await world.send('POST', '/v1/chat/completions', {
        body,
        headers: { cookie: 'c=1', 'x-api-key': 'k', 'x-forwarded-host': 'h' },
      });

      assert.equal(answer.status, 200);
      assert.ok(seen);
      const { bytes, headers } = seen as { bytes: Buffer; headers: string };
      assert.equal(bytes.toString(), body);
      assert.doesNotMatch(headers, /cookie|x-api-key|forwarded|Bearer/i);
      assert.match(headers, /"traceparent":"00-/);
    },
  );
});

test('requests that are not served are refused in the OpenAI error shape', async () => {
  await inWorld({ model: answering('x') }, async (world) => {
    const post = (body: string | Buffer, key = KEY, headers: Record<string, string> = {}) =>
      world.send('POST', '/v1/chat/completions', { body, key, headers });
    const cases: [Promise<Answer>, number, string][] = [
      [world.send('GET', '/'), 404, 'not_found'],
      [world.send('GET', '/v1/chat/completions'), 404, 'not_found'],
      [world.send('POST', '/v1/models'), 404, 'not_found'],
      [post(world.chatBody(), ''), 401, 'invalid_api_key'],
      [post(world.chatBody(), 'wrong'), 401, 'invalid_api_key'],
      [post(world.chatBody(), OTHER_KEY), 404, 'model_not_found'],
      [post(world.chatBody({ model: 'gpt' })), 404, 'model_not_found'],
      [post('{'), 400, 'invalid_request'],
      [post('{"model":"support","model":"x"}'), 400, 'invalid_request'],
      [post(world.chatBody({ messages: [] })), 400, 'invalid_request'],
      [post(world.chatBody({ unheard_of: 1 })), 400, 'invalid_request'],
      [post(world.chatBody(), KEY, { 'content-type': 'text/plain' }), 400, 'invalid_request'],
      [post(world.chatBody(), KEY, { 'content-encoding': 'gzip' }), 400, 'invalid_request'],
      [post(Buffer.alloc(2_000_000, 'x')), 413, 'request_too_large'],
    ];
    for (const [sent, status, code] of cases) {
      const answer = await sent;

      assert.equal(answer.status, status, answer.text);
      assert.equal(errorOf(answer)['code'], code);
      assert.ok(errorOf(answer)['message'] !== '');
    }
  });
});

test('a tenant that asks too often gets 429 with Retry-After', async () => {
  await inWorld(
    { model: answering('x'), tenant: { rpm: 2 }, clock: () => 1_700_000_000_000 },
    async (world) => {
      await world.chat();
      await world.chat();

      const third = await world.chat();

      assert.equal(third.status, 429);
      assert.equal(third.headers['retry-after'], '30');
      assert.equal(world.ledger.at(-1)?.errorCode, 'GATEWAY_RATE_LIMITED');
    },
  );
});

test('more requests than the model takes at once are shed with 503', async () => {
  const waiting: (() => void)[] = [];
  await inWorld(
    {
      model: (_body, { response }) => waiting.push(() => sendWhole(response, 'x')),
      route: { limits: { inFlight: 1 } },
    },
    async (world) => {
      const first = world.chat();
      await until(() => waiting.length === 1);

      const second = await world.chat();

      assert.equal(second.status, 503);
      assert.equal(second.headers['retry-after'], '1');
      waiting[0]?.();
      assert.equal((await first).status, 200);
    },
  );
});

for (const [what, stream] of [
  ['a whole answer', false],
  ['a stream', true],
] as const) {
  test(`${what} that names another model is not passed on`, async () => {
    await inWorld({ model: answering('x', 'gpt-4') }, async (world) => {
      const answer = await world.chat({ stream });

      assert.equal(answer.status, 502);
      assert.equal(errorOf(answer)['code'], 'model_mismatch');
      assert.equal(world.ledger[0]?.errorCode, 'GATEWAY_MODEL_MISMATCH');
    });
  });
}

test("the model server's own error texts do not reach the client", async () => {
  await inWorld(
    {
      model: (_body, { response }) => {
        response.writeHead(422, { 'content-type': 'application/json', 'x-secret': 'leak' });
        response.end('{"error":{"message":"SECRET PROMPT"}}');
      },
    },
    async (world) => {
      const answer = await world.chat();

      assert.equal(answer.status, 400);
      assert.equal(errorOf(answer)['code'], 'model_refused_request');
      assert.doesNotMatch(answer.text, /SECRET/);
      assert.equal(answer.headers['x-secret'], undefined);
      assert.match(String(answer.headers['x-proofmark-receipt']), /^rcpt_/);
    },
  );
});

test('answers that are not chat completions are refused', async () => {
  const bodies = [
    'no json',
    '[]',
    '{"model":"support"}',
    '{"model":"support","choices":[],"choices":[]}',
    '{"choices":[]}',
  ];
  let body = '';
  await inWorld(
    {
      model: (_request, { response }) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      },
    },
    async (world) => {
      for (body of bodies) assert.equal((await world.chat()).status, 502, body);
      assert.equal((await world.chat({ stream: true })).status, 502);
    },
  );
});

test('a client that goes away cancels the work of the model, and the receipt says interrupted', async () => {
  let cancelled = false;
  let started = false;
  await inWorld(
    {
      model: (_body, { response }) => {
        beginStream(response);
        response.write(chunk({ role: 'assistant', content: 'Your' }));
        started = true;
        response.on('close', () => (cancelled = true));
      },
    },
    async (world) => {
      const body = world.chatBody({ stream: true });
      const client = httpRequest({
        port: world.port,
        method: 'POST',
        path: '/v1/chat/completions',
        agent: false,
        headers: { authorization: `Bearer ${KEY}`, 'content-length': body.length },
      });
      client.on('error', () => undefined);
      client.end(body);
      await new Promise((resolve) => client.on('response', resolve));
      assert.ok(started);

      client.destroy();

      await until(() => cancelled && world.ledger.length === 1);
      assert.equal(world.ledger[0]?.outcome, 'interrupted');
      assert.equal(world.ledger[0].errorCode, 'GATEWAY_CLIENT_GONE');
      await world.issuer.flush();
      assert.equal(world.sink.rows.get(world.ledger[0].id)?.facts.outcome, 'interrupted');
    },
  );
});

test('a reused connection that died is replaced once, a model that is gone is 502', async () => {
  const sockets = new Set<net.Socket>();
  let dying = false;
  await inWorld(
    {
      model: (_body, { request, response }) => {
        if (dying && sockets.has(request.socket)) request.socket.destroy();
        else sendWhole(response, 'x');
        sockets.add(request.socket);
      },
    },
    async (world) => {
      assert.equal((await world.chat()).status, 200);
      dying = true;

      const second = await world.chat();

      assert.equal(second.status, 200, second.text);
      assert.equal(sockets.size, 2);
    },
  );
  const gone = testRoute({ connect: () => Promise.reject(new Error('no socket')) });
  await inWorld({ model: answering('x'), route: { upstream: gone.upstream } }, async (world) => {
    assert.equal((await world.chat()).status, 502);
  });
});

test('deadlines: a model that never begins is 504', async () => {
  const limits = { totalMs: 150, firstByteMs: 50, idleMs: 50 };
  await inWorld({ model: () => {}, route: { limits } }, async (world) => {
    assert.equal((await world.chat()).status, 504);
    assert.equal((await world.chat({ stream: true })).status, 504);
  });
});

test('deadlines: a model that falls silent ends its stream with an error event', async () => {
  const model: Model = (_, { response }) => {
    beginStream(response);
    response.write(chunk({ content: 'Your' }));
  };
  const limits = { totalMs: 30_000, firstByteMs: 30_000, idleMs: 50 };
  await inWorld({ model, route: { limits } }, async (world) => {
    const broken = await world.chat({ stream: true });

    assert.equal(broken.status, 200);
    assert.match(broken.text, /event: error\ndata: \{"error":\{"message":"[^"]+"/);
    assert.doesNotMatch(broken.text, /\[DONE\]/);
  });
});

test('a reload serves new requests with the new configuration; a bad one changes nothing', async () => {
  await inWorld({ model: answering('x', 'support') }, async (world) => {
    const before = world.gateway.stats().configDigest;
    assert.throws(() => world.gateway.reload({ ...world.config, routes: [] }), {
      code: 'GATEWAY_CONFIG_INVALID',
    });
    assert.equal(world.gateway.stats().configDigest, before);
    const key = 'pm-new-key';
    const tenants = [
      { id: 'new', keyHash: hashTenantKey(SECRET, key), routes: ['support-live'], rpm: 5 },
    ];

    world.gateway.reload({ ...world.config, tenants });

    assert.notEqual(world.gateway.stats().configDigest, before);
    assert.equal((await world.chat()).status, 401);
    const body = world.chatBody();
    assert.equal((await world.send('POST', '/v1/chat/completions', { body, key })).status, 200);
  });
});

test('a withdrawn route refuses, is not listed, and its model hears nothing', async () => {
  let asked = 0;
  const model: Model = (body, call) => {
    asked += 1;
    answering('x')(body, call);
  };
  await inWorld({ model }, async (world) => {
    const before = world.gateway.stats().configDigest;
    const routes = world.config.routes.map((route) => ({ ...route, withdrawn: true }));

    world.gateway.reload({ ...world.config, routes });

    const refused = await world.chat();
    assert.equal(refused.status, 503);
    assert.equal(errorOf(refused)['code'], 'model_withdrawn');
    assert.equal((await world.chat({ stream: true })).status, 503);
    assert.equal(asked, 0);
    assert.notEqual(world.gateway.stats().configDigest, before);
    const listed = (await world.send('GET', '/v1/models')).json();
    assert.deepEqual(listed['data'], []);
    world.gateway.reload(world.config);
    assert.equal((await world.chat()).status, 200);
  });
});

test('models, health and readiness are told; closing drains', async () => {
  await inWorld({ model: answering('x') }, async (world) => {
    const models = (await world.send('GET', '/v1/models')).json();
    assert.match(JSON.stringify(models), /"id":"support".*"version":"1.2.0"/);
    assert.equal((await world.send('GET', '/healthz', { key: '' })).status, 200);
    assert.equal((await world.send('GET', '/readyz', { key: '' })).status, 200);
    assert.equal((await world.send('GET', '/v1/models', { key: OTHER_KEY })).status, 200);
    assert.equal((await world.send('GET', '/v1/models', { key: '' })).status, 401);
  });
});

test('when receipts cannot be made durable, nothing is answered', async () => {
  await inWorld({ model: answering('x') }, async (world) => {
    const issuer = { ...bound(world.issuer), accepting: () => false };
    await inWorld({ model: answering('x'), deps: { issuer } }, async (full) => {
      const answer = await full.chat();

      assert.equal(answer.status, 503);
      assert.equal(errorOf(answer)['code'], 'receipts_unavailable');
      assert.equal((await full.send('GET', '/readyz')).status, 503);
    });
    const failing = {
      ...bound(world.issuer),
      seal: () => Promise.reject(new Error('disk')),
      begin: () => Promise.reject(new Error('disk')),
    };
    await inWorld({ model: answering('x'), deps: { issuer: failing } }, async (broken) => {
      for (const stream of [false, true]) {
        const answer = await broken.chat({ stream });

        assert.ok(answer.status >= 500, answer.text);
        assert.equal(answer.headers['x-proofmark-receipt'], undefined);
      }
    });
  });
});

function bound(issuer: ReceiptIssuer) {
  return {
    begin: issuer.begin.bind(issuer),
    seal: issuer.seal.bind(issuer),
    find: issuer.find.bind(issuer),
    accepting: issuer.accepting.bind(issuer),
    stats: issuer.stats.bind(issuer),
    flush: issuer.flush.bind(issuer),
    close: issuer.close.bind(issuer),
  };
}
