import assert from 'node:assert/strict';
import { test } from 'node:test';

import { claimedModel, isAttributed, isLlmSpan } from '../src/span.ts';

test('isLlmSpan() knows OpenInference kinds and GenAI operations', () => {
  assert.equal(isLlmSpan({ attributes: { 'openinference.span.kind': 'LLM' } }), true);
  assert.equal(isLlmSpan({ attributes: { 'gen_ai.operation.name': 'chat' } }), true);
  assert.equal(isLlmSpan({ attributes: { 'openinference.span.kind': 'TOOL' } }), false);
  assert.equal(isLlmSpan({ attributes: { 'gen_ai.operation.name': 'execute_tool' } }), false);
  assert.equal(isLlmSpan({ attributes: {} }), false);
});

test('claimedModel() prefers our own name and falls back to the names of others', () => {
  const version = { 'llm.model_version': '1.2.0' };

  const own = claimedModel({
    attributes: { ...version, 'llm.model_name': 'a', 'gen_ai.response.model': 'b' },
  });
  const foreign = claimedModel({ attributes: { ...version, 'gen_ai.request.model': 'c' } });

  assert.deepEqual(own, { name: 'a', version: '1.2.0' });
  assert.deepEqual(foreign, { name: 'c', version: '1.2.0' });
});

test('claimedModel() is null without a version, without a name, or with values of another type', () => {
  assert.equal(claimedModel({ attributes: { 'llm.model_name': 'a' } }), null);
  assert.equal(claimedModel({ attributes: { 'llm.model_version': '1' } }), null);
  assert.equal(claimedModel({ attributes: { 'llm.model_name': 7, 'llm.model_version': 1 } }), null);
});

test('isAttributed() wants both of our own attributes, non-empty', () => {
  assert.equal(
    isAttributed({ attributes: { 'llm.model_name': 'a', 'llm.model_version': '1' } }),
    true,
  );
  assert.equal(
    isAttributed({ attributes: { 'llm.model_name': 'a', 'llm.model_version': '' } }),
    false,
  );
  assert.equal(isAttributed({ attributes: { 'gen_ai.request.model': 'a' } }), false);
});
