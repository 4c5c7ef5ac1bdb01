import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import {
  attributesOf,
  eventMessages,
  exportedSpans,
  spanMessages,
} from '../../src/action/otel-spans.ts';

describe('OpenTelemetry GenAI spans', () => {
  test('attributes are the same as an object and as an OTLP list', () => {
    const list = [
      { key: 'a', value: { stringValue: 'x' } },
      { key: 'b', value: { intValue: '3' } },
    ];

    assert.deepEqual(attributesOf(list), attributesOf({ a: 'x', b: '3' }));
  });

  test('messages come from JSON text, in the order system, input, output', () => {
    const attributes = {
      'gen_ai.output.messages': '[{"role":"assistant","content":"c"}]',
      'gen_ai.input.messages': '[{"role":"user","content":"b"}]',
      'gen_ai.system_instructions': 'a',
    };

    assert.deepEqual(spanMessages({ attributes }), [
      { role: 'system', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
    ]);
  });

  test('older indexed attributes and events are messages too', () => {
    const attributes = {
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.tool_calls.0.name': 'pay',
      'gen_ai.completion.0.tool_calls.0.arguments': '{"amount":5}',
    };
    const call = { type: 'tool_call', name: 'pay', arguments: '{"amount":5}' };

    assert.deepEqual(spanMessages({ attributes }), [
      { role: 'assistant', content: undefined, tool_calls: [call] },
    ]);
    assert.deepEqual(eventMessages({ event_name: 'gen_ai.tool.message', body: { content: 'x' } }), [
      { content: 'x', role: 'tool' },
    ]);
    assert.deepEqual(eventMessages({ name: 'exception', body: { content: 'x' } }), []);
  });

  test('the spans of an export come in the order in which they began', () => {
    const spans = [{ startTimeUnixNano: '20' }, { startTimeUnixNano: '3' }];

    assert.deepEqual(exportedSpans({ resourceSpans: [{ scopeSpans: [{ spans }] }] }), [
      { startTimeUnixNano: '3' },
      { startTimeUnixNano: '20' },
    ]);
    assert.equal(exportedSpans({ spans }), undefined);
  });

  test('any value is reshaped without a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        exportedSpans(value);
        exportedSpans({ resourceSpans: [value, { scopeSpans: [value] }] });
        eventMessages(value);
        spanMessages({ attributes: value, events: [value] });
      }),
    );
  });
});
