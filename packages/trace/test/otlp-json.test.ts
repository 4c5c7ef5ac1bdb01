import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { encodeOtlpJson, unixNano } from '../src/otlp-json.ts';

test('encodeOtlpJson() writes the OTLP JSON mapping: hex ids, string integers, numeric enums', () => {
  const body = encodeOtlpJson(
    [
      {
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
        parentSpanId: 'eee19b7ec3c1b173',
        name: 'chat',
        kind: 'server',
        startMs: 1_544_712_660_300.5,
        endMs: 1_544_712_661_300,
        attributes: {
          text: 'a',
          whole: 7,
          part: 0.5,
          not: Number.NaN,
          yes: true,
          list: ['x', 'y'],
        },
        events: [{ name: 'e', atMs: 1_544_712_660_400, attributes: {} }],
        status: { code: 'error', message: 'why' },
      },
    ],
    { serviceName: 'gateway', serviceVersion: '1' },
  );

  const { resourceSpans } = JSON.parse(body) as {
    resourceSpans: { resource: unknown; scopeSpans: { spans: unknown[] }[] }[];
  };
  assert.deepEqual(resourceSpans[0]?.resource, {
    attributes: [
      { key: 'service.name', value: { stringValue: 'gateway' } },
      { key: 'service.version', value: { stringValue: '1' } },
    ],
  });
  assert.deepEqual(resourceSpans[0]?.scopeSpans[0]?.spans, [
    {
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: 'eee19b7ec3c1b173',
      name: 'chat',
      kind: 2,
      startTimeUnixNano: '1544712660300500000',
      endTimeUnixNano: '1544712661300000000',
      attributes: [
        { key: 'text', value: { stringValue: 'a' } },
        { key: 'whole', value: { intValue: '7' } },
        { key: 'part', value: { doubleValue: 0.5 } },
        { key: 'not', value: { doubleValue: 'NaN' } },
        { key: 'yes', value: { boolValue: true } },
        {
          key: 'list',
          value: { arrayValue: { values: [{ stringValue: 'x' }, { stringValue: 'y' }] } },
        },
      ],
      events: [{ timeUnixNano: '1544712660400000000', name: 'e', attributes: [] }],
      status: { code: 2, message: 'why' },
    },
  ]);
});

test('unixNano() is exact for whole milliseconds and keeps order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4_000_000_000_000 }),
      fc.integer({ min: 0, max: 999 }),
      (ms, us) => {
        assert.equal(unixNano(ms), (BigInt(ms) * 1_000_000n).toString());
        assert.ok(BigInt(unixNano(ms + us / 1000)) >= BigInt(unixNano(ms)));
        assert.ok(BigInt(unixNano(ms + us / 1000)) < BigInt(unixNano(ms + 1)));
      },
    ),
  );
});
