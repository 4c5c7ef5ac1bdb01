import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json } from '@proofmark/core';

import { fieldProblem } from '../../src/openai/request-fields.ts';

const accepted: Record<string, Json> = {
  model: 'm',
  messages: [],
  stream: true,
  temperature: 2,
  top_p: 0,
  n: 8,
  max_tokens: 1,
  stop: ['a', 'b'],
  seed: -1,
  logit_bias: {},
  tools: [],
  tool_choice: 'auto',
  response_format: { type: 'text' },
  modalities: ['text'],
  metadata: null,
};

test('the fields of the OpenAI API are accepted, null meaning not given', () => {
  assert.equal(fieldProblem(accepted, []), null);
});

for (const [param, value] of [
  ['temperature', 3],
  ['temperature', '1'],
  ['n', 9],
  ['n', 1.5],
  ['max_tokens', 0],
  ['stop', [1]],
  ['stream', 'true'],
  ['tool_choice', 1],
  ['modalities', ['text', 'audio']],
  ['logit_bias', []],
] as const) {
  test(`${param} = ${JSON.stringify(value)} is refused`, () => {
    assert.equal(fieldProblem({ [param]: value as Json }, [])?.param, param);
  });
}

test('an unknown field is refused unless the route passes it on', () => {
  assert.equal(fieldProblem({ guided_json: {} }, [])?.param, 'guided_json');
  assert.equal(fieldProblem({ guided_json: {} }, ['guided_json']), null);
  assert.equal(fieldProblem({ constructor: 1 }, [])?.param, 'constructor');
});
