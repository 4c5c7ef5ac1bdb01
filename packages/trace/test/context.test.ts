import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  childContext,
  currentContext,
  formatTraceparent,
  parseTraceparent,
  withContext,
} from '../src/context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

/** From W3C Trace Context Level 2, sections 3.2.2 and 4.3. */
const headers: readonly [name: string, header: string | undefined, accepted: boolean][] = [
  ['the example of the specification', `00-${TRACE}-${SPAN}-01`, true],
  ['flags beyond the sampled bit', `00-${TRACE}-${SPAN}-ff`, true],
  ['a later version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-brings`, true],
  ['no header', undefined, false],
  ['version 00 with more fields', `00-${TRACE}-${SPAN}-01-more`, false],
  ['version ff', `ff-${TRACE}-${SPAN}-01`, false],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`, false],
  ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`, false],
  ['upper case hex', `00-${TRACE.toUpperCase()}-${SPAN}-01`, false],
  ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`, false],
  ['two headers joined by a comma', `00-${TRACE}-${SPAN}-01,00-${TRACE}-${SPAN}-01`, false],
  ['a line break', `00-${TRACE}-${SPAN}-01\nx: y`, false],
  ['a header of 1,000 characters', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(1000)}`, false],
];

for (const [name, header, accepted] of headers) {
  test(`parseTraceparent() ${accepted ? 'reads' : 'takes as absent'}: ${name}`, () => {
    const context = parseTraceparent(header);

    if (!accepted) assert.equal(context, null);
    else assert.deepEqual(context, { traceId: TRACE, spanId: SPAN, sampled: true });
  });
}

test('formatTraceparent() and parseTraceparent() are inverse for every child context', () => {
  fc.assert(
    fc.property(fc.boolean(), (sampled) => {
      const context = { ...childContext(null), sampled };

      assert.deepEqual(parseTraceparent(formatTraceparent(context)), context);
    }),
  );
});

test('childContext() stays in the trace of its parent with a span id of its own', () => {
  const parent = { traceId: TRACE, spanId: SPAN, sampled: false };

  const child = childContext(parent);

  assert.equal(child.traceId, TRACE);
  assert.equal(child.sampled, false);
  assert.notEqual(child.spanId, SPAN);
});

test('currentContext() follows asynchronous code and ends with withContext()', async () => {
  const outer = childContext(null);
  const inner = childContext(outer);

  await withContext(outer, async () => {
    await Promise.resolve();
    assert.deepEqual(currentContext(), outer);
    await withContext(inner, async () => {
      await Promise.resolve();
      assert.deepEqual(currentContext(), inner);
    });
    assert.deepEqual(currentContext(), outer);
  });

  assert.equal(currentContext(), null);
});
