import assert from 'node:assert/strict';
import { test } from 'node:test';

import { randomSpanId, randomTraceId } from '../src/ids.ts';

test('ids have the length and alphabet of W3C Trace Context and do not repeat', () => {
  const traces = Array.from({ length: 2000 }, randomTraceId);
  const spans = Array.from({ length: 2000 }, randomSpanId);

  assert.ok(traces.every((id) => /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id)));
  assert.ok(spans.every((id) => /^[0-9a-f]{16}$/.test(id) && !/^0+$/.test(id)));
  assert.equal(new Set([...traces, ...spans]).size, 4000);
});
