import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generate } from '../../src/model-server/generate.ts';
import type { Generated, GenerateRequest } from '../../src/model-server/generate.ts';
import { shippedModel } from './shipped-model.ts';

const request = (change: Partial<GenerateRequest> = {}): GenerateRequest => ({
  messages: [{ role: 'user', content: 'How do I return a backpack?' }],
  maxTokens: 80,
  stop: [],
  sampling: { temperature: 0, topP: 1, seed: 1 },
  ...change,
});

async function collect(
  change: Partial<GenerateRequest> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ pieces: string[]; text: string; end: Generated }> {
  const run = generate(shippedModel(), request(change), signal);
  const pieces: string[] = [];
  for (;;) {
    const step = await run.next();
    if (step.done === true) return { pieces, text: pieces.join(''), end: step.value };
    pieces.push(step.value);
  }
}

test('the model answers a question about returns in whole sentences and stops', async () => {
  const { text, end } = await collect();

  assert.match(text, /return|30 days|label/i);
  assert.match(text.trim(), /^[A-Z].*[.!?]$/s);
  assert.equal(end.finishReason, 'stop');
  assert.ok(end.completionTokens > 5 && end.promptTokens > 5);
});

test('a token limit ends the answer with "length"', async () => {
  const { end } = await collect({ maxTokens: 3 });

  assert.deepEqual([end.finishReason, end.completionTokens], ['length', 3]);
});

test('a stop sequence never goes out, also when it spans pieces', async () => {
  const whole = (await collect()).text;
  const stop = whole.slice(8, 14);

  const { text, end } = await collect({ stop: [stop] });

  assert.equal(text, whole.slice(0, whole.indexOf(stop)));
  assert.equal(end.finishReason, 'stop');
});

test('a stop sequence that never comes changes nothing', async () => {
  assert.equal((await collect({ stop: ['never written'] })).text, (await collect()).text);
});

test('an abort ends generation', async () => {
  const controller = new AbortController();
  const run = generate(shippedModel(), request(), controller.signal);
  await run.next();
  controller.abort();

  await assert.rejects(async () => {
    for (;;) if ((await run.next()).done === true) return;
  }, /abort/i);
});
