import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import { IsHelpful, PII } from '@proofmark/evals';

import { bindGuardrail, bindScorer } from '../../src/guard/guardrail-binding.ts';
import type { ShadowLane, ShadowPair } from '../../src/shadow/lane.ts';
import { DIGEST_A, DIGEST_B, answering, connectTo, inWorld, modelServer, until } from '../world.ts';
import type { Model, World, WorldOptions } from '../world.ts';

const helpful = bindScorer('helpful', new IsHelpful(), ({ input, output }) => ({ input, output }));
const GOOD = 'Your order left our store on Monday and arrives tomorrow.';

interface Shadowed {
  readonly world: World;
  readonly asked: string[];
  readonly lane: ShadowLane;
}

/** A live model, and a candidate on a socket of its own that gets every session. */
async function shadowed(
  candidate: Model,
  step: (parts: Shadowed) => Promise<void>,
  change: {
    readonly lane?: Partial<ShadowLane>;
    readonly world?: Partial<WorldOptions>;
  } = {},
): Promise<void> {
  const socket = path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-shadow-')), 'c.sock');
  const asked: string[] = [];
  const server = await modelServer((body, call) => {
    asked.push(call.bytes.toString('utf8'));
    candidate(body, call);
  }, socket);
  const lane: ShadowLane = {
    runId: 'run-1',
    liveManifestDigest: DIGEST_A,
    upstream: { connect: () => connectTo(socket) },
    share: 1,
    ...change.lane,
  };
  try {
    await inWorld(
      { model: answering(GOOD), route: { scorers: [helpful] }, ...change.world },
      async (world) => {
        await world.gateway.setShadow(new Map([['support-live', lane]]));
        await step({ world, asked, lane });
      },
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function firstPair(world: World): Promise<ShadowPair> {
  await until(() => world.pairs.length > 0);
  const [pair] = world.pairs;
  assert.ok(pair);
  return pair;
}

describe('the mirror', () => {
  test('asks the candidate what the live model was asked, and pairs the scores', async () => {
    for (const stream of [false, true]) {
      await shadowed(answering('No.'), async ({ world, asked }) => {
        const answer = await world.chat({ stream });
        const pair = await firstPair(world);

        assert.match(answer.text, /Your/);
        assert.doesNotMatch(answer.text, /No\./);
        assert.deepEqual(asked, [world.chatBody({ stream }).toString('utf8')]);
        assert.equal(pair.runId, 'run-1');
        assert.equal(pair.answered, true);
        const [score] = pair.scores;
        assert.deepEqual(score?.evaluator, helpful.evaluator);
        assert.equal(score.live, world.scores[0]?.result.score);
        assert.ok((score.candidate ?? 1) < (score.live ?? 0));
        assert.equal(world.gateway.stats().shadow.mirrored, 1);
        assert.equal(world.gateway.stats().shadow.waiting, 0);
      });
    }
  });

  test('gives the same answer the same score', async () => {
    await shadowed(answering(GOOD), async ({ world }) => {
      await world.chat();
      const [score] = (await firstPair(world)).scores;

      assert.ok(score);
      assert.equal(score.candidate, score.live);
    });
  });

  test('leaves one span, one ledger row and one receipt per request: the copy leaves none', async () => {
    await shadowed(answering('No.'), async ({ world }) => {
      await world.chat();
      await firstPair(world);

      assert.equal(world.spans.length, 1);
      assert.equal(world.ledger.length, 1);
      await world.issuer.flush();
      assert.equal(world.sink.rows.size, 1);
      assert.doesNotMatch(JSON.stringify(world.pairs), /order|No\./);
    });
  });

  test('copies nothing of a tenant that opted out', async () => {
    await shadowed(
      answering('No.'),
      async ({ world, asked }) => {
        await world.chat();
        await until(() => world.spans.length === 1);

        assert.deepEqual(asked, []);
        assert.equal(world.gateway.stats().shadow.waiting, 0);
      },
      { world: { tenant: { shadow: false } } },
    );
  });

  test('copies nothing when the live model is not the one the run compares with', async () => {
    await shadowed(
      answering('No.'),
      async ({ world, asked }) => {
        await world.chat();
        await until(() => world.spans.length === 1);

        assert.deepEqual(asked, []);
      },
      { lane: { liveManifestDigest: DIGEST_B } },
    );
  });

  test('shows the candidate what the live model saw: after redaction', async () => {
    const pii = bindGuardrail(
      { id: 'pii', stage: 'input', action: 'redact' },
      new PII(),
      (text) => ({ text }),
    );
    await shadowed(
      answering('Yes.'),
      async ({ world, asked }) => {
        await world.chat({ messages: [{ role: 'user', content: 'Write to jane@example.com' }] });
        await firstPair(world);

        assert.equal(asked.length, 1);
        assert.doesNotMatch(asked[0] ?? '', /jane@example\.com/);
      },
      { world: { route: { scorers: [helpful], guardrails: [pii] } } },
    );
  });
});

describe('a candidate scores 0, and the client notices nothing, when it', () => {
  const cases: Readonly<Record<string, Model>> = {
    'breaks off': (_body, { response }) => response.destroy(),
    'answers 500': (_body, { response }) => response.writeHead(500).end('{}'),
    'answers no JSON': (_body, { response }) => response.writeHead(200).end('<html>'),
    'names another model': answering(GOOD, 'gpt'),
    'never answers': () => undefined,
  };
  for (const [name, candidate] of Object.entries(cases)) {
    test(name, async () => {
      await shadowed(
        candidate,
        async ({ world }) => {
          const answer = await world.chat();
          const pair = await firstPair(world);

          assert.equal(answer.status, 200);
          assert.equal(pair.answered, false);
          assert.match(pair.problem, /^GATEWAY_/);
          assert.deepEqual(
            pair.scores.map(({ candidate: score }) => score),
            [0],
          );
        },
        { lane: { limits: { totalMs: 150, firstByteMs: 150 } } },
      );
    });
  }
});

test('a stalled candidate never delays the live answer: copies beyond the bound are dropped and counted', async () => {
  await shadowed(
    () => undefined,
    async ({ world, asked }) => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => world.chat()));
      await until(() => world.spans.length === 8);

      assert.ok(answers.every(({ status }) => status === 200));
      assert.equal(world.dropped.length, 5);
      assert.equal(world.gateway.stats().shadow.waiting, 3);
      await until(() => asked.length === 1);
    },
    { lane: { limits: { queued: 3, inFlight: 1 } } },
  );
});

test('what a run had under way when it ended is dropped, not held against the candidate', async () => {
  await shadowed(
    () => undefined,
    async ({ world, asked }) => {
      await world.chat();
      await world.chat();
      await until(() => asked.length === 2);
      await world.gateway.setShadow(new Map());

      assert.deepEqual(world.pairs, []);
      assert.deepEqual(world.dropped, ['run-1', 'run-1']);
      await world.chat();
      assert.equal(asked.length, 2);
    },
  );
});
