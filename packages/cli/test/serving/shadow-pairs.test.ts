import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import type { ShadowPair } from '@proofmark/gateway';
import { openShadowStore } from '@proofmark/server';
import type { ShadowStore } from '@proofmark/server';

import { CliError } from '../../src/errors.ts';
import { createShadowWriter, readStoredPairs } from '../../src/serving/shadow-pairs.ts';

const evaluator = { id: 'helpful', version: '1', configDigest: 'a'.repeat(64) };

function pair(atMs: number): ShadowPair {
  return {
    runId: 'r1',
    routeId: 'support',
    session: 's',
    atMs,
    answered: true,
    problem: '',
    scores: [{ evaluator, live: 0.5, candidate: null }],
  };
}

async function storeWithRun(): Promise<ShadowStore> {
  const store = openShadowStore(mkdtempSync(path.join(tmpdir(), 'proofmark-pairs-')));
  await store.start({
    id: 'r1',
    route: 'support',
    environment: 'demo',
    name: 'assistant',
    version: '1.1.0',
    manifestDigest: 'a'.repeat(64),
    liveManifestDigest: 'b'.repeat(64),
    spec: '{}',
    specDigest: 'c'.repeat(64),
    share: 1,
    sessionIdleMs: 1000,
    startedAtMs: 0,
    startedBy: 'ann',
  });
  return store;
}

const never = (): void => assert.fail('nothing may be lost');

test('pairs come back as they went, by time, and drops are counted', async () => {
  const store = await storeWithRun();
  const writer = createShadowWriter(store, never);
  writer.pair(pair(20));
  writer.pair(pair(10));
  writer.dropped('r1', 2);
  writer.dropped('r1', 1);
  await writer.close();

  const { session, scores } = pair(0);
  assert.deepEqual(
    await readStoredPairs(store, 'r1'),
    [10, 20].map((atMs) => ({ session, atMs, answered: true, scores })),
  );
  assert.equal((await store.open('support'))?.dropped, 3);
  store.close();
});

describe('stored scores that were changed from outside are refused:', () => {
  const good = { ...evaluator, live: 0.5, candidate: 0.5 };
  const hostile: Readonly<Record<string, unknown>> = {
    'no list': { ...good },
    'a score above 1': [{ ...good, candidate: 1.5 }],
    'a score below 0': [{ ...good, live: -0.1 }],
    'a score as text': [{ ...good, live: '1' }],
    'no score': [evaluator],
    'no evaluator': [{ live: 1, candidate: 1 }],
    'no object': [[1]],
  };
  for (const [name, scores] of Object.entries(hostile)) {
    test(name, async () => {
      const store = await storeWithRun();
      const row = { runId: 'r1', session: 's', atMs: 1, answered: true, problem: '' };
      await store.addPairs([{ ...row, scores: JSON.stringify(scores) }]);

      await assert.rejects(readStoredPairs(store, 'r1'), CliError);
      store.close();
    });
  }
});
