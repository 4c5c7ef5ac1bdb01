import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { GatewayError } from '../../src/errors.ts';
import type { Redaction } from '../../src/guard/examine.ts';
import { OutputGate } from '../../src/guard/output-gate.ts';
import type { OutputGateOptions } from '../../src/guard/output-gate.ts';
import { readChatAnswer } from '../../src/openai/chat-answer.ts';
import { streamedText } from '../world.ts';

const names = new Set(['m']);

function event(delta: object): { answer: ReturnType<typeof readChatAnswer>; bytes: Buffer } {
  const data = JSON.stringify({ model: 'm', choices: [{ index: 0, delta }] });
  return { answer: readChatAnswer(data, 'delta', names), bytes: Buffer.from(`data: ${data}\n\n`) };
}

/** Objects to `word`; the only evaluator here whose truth a test can know exactly. */
function blocking(word: string, sizes: Partial<OutputGateOptions> = {}): OutputGate {
  return gate(sizes, (text) => {
    if (text.includes(word)) throw new GatewayError('GATEWAY_GUARDRAIL_BLOCKED', 'no');
    return [];
  });
}

function redacting(word: string, sizes: Partial<OutputGateOptions> = {}): OutputGate {
  return gate(sizes, (text) =>
    [...text.matchAll(new RegExp(word, 'g'))].map(({ index }) => ({
      guardrail: 'g',
      start: index,
      end: index + word.length,
    })),
  );
}

function gate(
  sizes: Partial<OutputGateOptions>,
  examine: (text: string) => readonly Redaction[],
): OutputGate {
  return new OutputGate({
    examine: (text) => Promise.resolve().then(() => examine(text)),
    onRedacted: () => undefined,
    holdBackChars: 8,
    stepChars: 3,
    contextChars: 10,
    ...sizes,
  });
}

/** Sends the pieces through the gate. @returns the text that came out, and whether it was blocked */
async function run(
  tested: OutputGate,
  deltas: readonly object[],
): Promise<{ readonly text: string; readonly blocked: boolean }> {
  let body = '';
  const keep = (events: readonly Uint8Array[]): void => {
    for (const bytes of events) body += Buffer.from(bytes).toString('utf8');
  };
  try {
    for (const delta of deltas) keep(await tested.push(event(delta)));
    keep(await tested.finish());
    return { text: streamedText(body), blocked: false };
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    return { text: streamedText(body), blocked: true };
  }
}

const pieces = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'A', 'D'), minLength: 1, maxLength: 6 }),
  { maxLength: 20 },
);
const contents = (list: readonly string[]): object[] => list.map((content) => ({ content }));

test('what is blocked is never sent, not even its first character, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const whole = list.join('');
      const at = whole.indexOf('BAD');

      const { text, blocked } = await run(blocking('BAD'), contents(list));

      assert.equal(blocked, at !== -1);
      if (at === -1) assert.equal(text, whole);
      else assert.ok(whole.startsWith(text) && text.length <= at);
    }),
  );
});

test('what is redacted is never sent, and everything else arrives in order', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      const whole = list.join('');

      const { text, blocked } = await run(redacting('BAD'), contents(list));

      assert.equal(blocked, false);
      assert.equal(text, whole.replaceAll(/(?:BAD)+/g, '[REDACTED]'));
    }),
  );
});

test('clean text goes on before the end: only the hold-back is kept', async () => {
  const tested = blocking('BAD');
  let sent = '';
  for (const piece of 'abcdefghijklmnopqrstuvwxyz') {
    for (const bytes of await tested.push(event({ content: piece }))) {
      sent += streamedText(Buffer.from(bytes).toString());
    }
  }

  assert.ok(sent.length >= 26 - 8 - 3, sent);
  assert.ok(sent.length <= 26 - 8, sent);
});

test('reasoning is sent when the content begins, and a channel that resumes is held to the end', async () => {
  const tested = blocking('BAD');
  await tested.push(event({ reasoning_content: 'think' }));

  const released = await tested.push(event({ content: 'say' }));

  assert.equal(released.length, 1);
  // Now the content ends for the first time, and is sent; the resumed reasoning is held.
  assert.equal((await tested.push(event({ reasoning_content: ' BA' }))).length, 1);
  assert.deepEqual(await tested.push(event({ content: 'x' })), []);
  await assert.rejects(
    tested.push(event({ reasoning_content: 'D' })).then(() => tested.finish()),
    {
      code: 'GATEWAY_GUARDRAIL_BLOCKED',
    },
  );
});

test('arguments of tool calls are examined like content', async () => {
  const tested = blocking('BAD');
  const call = (text: string): object => ({
    tool_calls: [{ index: 0, function: { arguments: text } }],
  });

  const { blocked } = await run(tested, [call('{"x":"B'), call('AD"}')]);

  assert.equal(blocked, true);
});

test('log probabilities do not carry redacted tokens past the gate', async () => {
  const data = JSON.stringify({
    model: 'm',
    choices: [{ index: 0, delta: { content: 'BAD' }, logprobs: { content: [{ token: 'BAD' }] } }],
  });
  const tested = redacting('BAD');
  await tested.push({ answer: readChatAnswer(data, 'delta', names), bytes: Buffer.from('x') });

  const [bytes] = await tested.finish();

  assert.doesNotMatch(Buffer.from(bytes ?? []).toString(), /BAD/);
});

test('a finding that begins in text which was already sent blocks instead of redacting half', async () => {
  const { blocked, text } = await run(
    redacting('abcdefghijkl'),
    contents('abcdefghijkl'.split('')),
  );

  assert.equal(blocked, true);
  assert.ok(text.length <= 12 - 8);
});

test('very long answers are examined in windows and stay bounded', async () => {
  const list = Array.from({ length: 400 }, () => 'x'.repeat(1000));
  list.push('BA', 'D');

  const { blocked, text } = await run(
    blocking('BAD', { stepChars: 1000, contextChars: 100 }),
    contents(list),
  );

  assert.equal(blocked, true);
  assert.ok(text.length > 390_000 && !text.includes('B'));
});
