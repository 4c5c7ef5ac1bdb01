import assert from 'node:assert/strict';
import { test } from 'node:test';

import { GatewayError } from '../../src/errors.ts';
import { errorAnswer, errorEvent, toGatewayError } from '../../src/openai/error-body.ts';

test('an error has the OpenAI shape with param, code and Retry-After from its details', () => {
  const error = new GatewayError('GATEWAY_GUARDRAIL_BLOCKED', 'no', {
    details: { param: 'messages[0].content', code: 'pii', retryAfterMs: 1500 },
  });

  const answer = errorAnswer(error);

  assert.equal(answer.status, 400);
  assert.equal(answer.retryAfterS, 2);
  assert.deepEqual(JSON.parse(answer.body.toString()), {
    error: { message: 'no', type: 'guardrail_blocked', param: 'messages[0].content', code: 'pii' },
  });
});

test('a defect tells the client nothing but that it is one', () => {
  const answer = errorAnswer(toGatewayError(new TypeError('SECRET')));

  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body.toString(), /SECRET/);
});

test('an error event is one event that OpenAI clients raise', () => {
  const event = errorEvent(
    errorAnswer(new GatewayError('GATEWAY_INTERNAL', 'two\nlines')),
  ).toString();

  assert.match(event, /^event: error\ndata: \{"error":\{.*\}\}\n\n$/);
});
