import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServeError } from '../../src/model-server/errors.ts';
import { loadLlama } from '../../src/model-server/llama.ts';
import type { Llama } from '../../src/model-server/llama.ts';
import { createPrefixCache } from '../../src/model-server/prefix-cache.ts';
import type { PrefixCache } from '../../src/model-server/prefix-cache.ts';
import { randomModel } from './random-model.ts';

/** Twenty tokens that begin nothing else. */
const beginning = (token: number): number[] => Array<number>(20).fill(token);

function make(): {
  llama: Llama;
  prefixes: PrefixCache;
  ask: (prompt: readonly number[]) => number;
} {
  const { config, tensors } = randomModel({ seed: 9 });
  const llama = loadLlama(config, tensors);
  const prefixes = createPrefixCache(llama);
  const ask = (prompt: readonly number[]): number => {
    const session = prefixes.begin(prompt);
    const known = session.tokens.length;
    llama.forward(session, prompt.slice(known), true);
    prefixes.end(session);
    return known;
  };
  return { llama, prefixes, ask };
}

test('what two prompts share is read once, and the last token always', () => {
  const { ask } = make();

  assert.equal(ask([...beginning(1), 2, 3]), 0);
  assert.equal(ask([...beginning(1), 2, 4, 5]), 21);
  assert.equal(ask([...beginning(1), 2, 4, 5]), 22);
  assert.equal(ask(beginning(1)), 19);
});

test('less than a block in common is not worth a copy', () => {
  const { ask } = make();
  ask(beginning(1));

  assert.equal(ask([...beginning(1).slice(0, 15), 2, 3]), 0);
});

test('two beginnings are kept; a third replaces the one not used for longest', () => {
  const { ask } = make();
  ask([...beginning(1), 5]);
  ask([...beginning(2), 5]);

  assert.equal(ask([...beginning(1), 6]), 20);
  assert.equal(ask([...beginning(2), 6]), 20);
  assert.equal(ask([...beginning(1), 7]), 20);
  assert.equal(ask([...beginning(3), 5]), 0);
  assert.equal(ask([...beginning(1), 8]), 20);
  assert.equal(ask([...beginning(2), 7]), 0);
});

test('requests at the same time share a beginning too', () => {
  const { llama, prefixes, ask } = make();
  ask([...beginning(1), 5]);
  const prompts = [6, 7, 8].map((token) => [...beginning(1), token, 9]);
  const sessions = prompts.map((prompt) => prefixes.begin(prompt));

  assert.deepEqual(
    sessions.map((session) => session.tokens),
    prompts.map(() => beginning(1)),
  );
  for (const session of sessions) {
    llama.forward(session, [6], false);
    prefixes.end(session);
  }
  assert.equal(ask([...beginning(1), 6, 3]), 21);
});

test('at most two sessions stay, and they make room when there is no other', () => {
  const { llama, prefixes, ask } = make();
  const all = llama.freeSessions;
  for (let token = 1; token < 9; token += 1) ask(beginning(token));
  assert.equal(llama.freeSessions, all - 2);

  const sessions = Array.from({ length: all }, () => prefixes.begin([1, 2, 3]));

  assert.equal(llama.freeSessions, 0);
  assert.throws(() => prefixes.begin([1, 2, 3]), ServeError);
  for (const session of sessions) prefixes.end(session);
  assert.equal(llama.freeSessions, all);
});
