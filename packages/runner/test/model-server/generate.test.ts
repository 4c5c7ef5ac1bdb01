import assert from 'node:assert/strict';
import { test } from 'node:test';

import { generate } from '../../src/model-server/generate.ts';
import type { Generated, GenerateRequest } from '../../src/model-server/generate.ts';
import { loadModelFolder } from '../../src/model-server/model-folder.ts';
import type { LoadedModel } from '../../src/model-server/model-folder.ts';
import { MODEL_FOLDER, shippedModel } from './shipped-model.ts';

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
  model: LoadedModel = shippedModel(),
): Promise<{ pieces: string[]; text: string; end: Generated }> {
  const run = generate(model, request(change), signal);
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

test('a beginning that was read before is not read again, and the answer is the same', async () => {
  const system = { role: 'system' as const, content: 'You help customers of a shop. '.repeat(12) };
  const ask = (content: string): Partial<GenerateRequest> => ({
    messages: [system, { role: 'user', content }],
  });
  const model = loadModelFolder(MODEL_FOLDER);
  const first = await collect(ask('Where is my order?'), undefined, model);
  const second = await collect(ask('Can I pay by card?'), undefined, model);

  assert.equal(
    second.text,
    (await collect(ask('Can I pay by card?'), undefined, loadModelFolder(MODEL_FOLDER))).text,
  );
  assert.equal(first.text, (await collect(ask('Where is my order?'), undefined, model)).text);
});

test('however an answer ends, its session is given back', async () => {
  const model = loadModelFolder(MODEL_FOLDER);
  const before = model.llama.freeSessions;
  for (let i = 0; i < before + 5; i += 1) {
    const controller = new AbortController();
    const messages = [{ role: 'user' as const, content: `${'Hello there. '.repeat(i % 9)}${i}` }];
    const run = generate(model, request({ messages, maxTokens: 4 }), controller.signal);
    if (i % 3 === 0) controller.abort();
    if (i % 3 === 1) await run.next();
    await run.return({ finishReason: 'stop', promptTokens: 0, completionTokens: 0 });
    await collect({ messages, maxTokens: 1 }, controller.signal, model).catch(() => undefined);
  }

  assert.ok(model.llama.freeSessions >= before - 2);
});
