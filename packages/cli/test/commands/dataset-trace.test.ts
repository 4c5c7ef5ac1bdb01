import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Span } from '@proofmark/trace';

import { spanRow } from '../../src/commands/dataset-trace.ts';

const span = (attributes: Span['attributes']): Span => ({
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  name: 'chat',
  kind: 'client',
  startMs: 1,
  endMs: 2,
  attributes,
  events: [],
  status: { code: 'error', message: '' },
});
const named = { 'llm.model_name': 'assistant', 'llm.model_version': '1.1.0' };

test('a row keeps the trace id, the model and the text the caller or the span has', () => {
  assert.deepEqual(spanRow('4bf9', [span(named)], 'where is it?'), {
    id: 'trace-4bf9',
    traceId: '4bf9',
    text: 'where is it?',
    model: 'assistant',
    modelVersion: '1.1.0',
    status: 'error',
  });
  const told = spanRow(
    '4bf9',
    [span({ ...named, 'input.value': 'hi', 'output.value': 'no' })],
    undefined,
  );
  assert.deepEqual([told['text'], told['output']], ['hi', 'no']);
});

test('an unknown trace, or one without text, is usage', () => {
  assert.throws(() => spanRow('x', [], 'text'), { code: 'CLI_USAGE' });
  assert.throws(() => spanRow('x', [span(named)], undefined), { code: 'CLI_USAGE' });
});
