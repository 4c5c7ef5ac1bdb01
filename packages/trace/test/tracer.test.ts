import assert from 'node:assert/strict';
import { test } from 'node:test';

import { childContext, currentContext } from '../src/context.ts';
import { TraceError } from '../src/errors.ts';
import type { SpanExporter } from '../src/exporter.ts';
import type { Span } from '../src/span.ts';
import { createTracer } from '../src/tracer.ts';

const model = { 'llm.model_name': 'm', 'llm.model_version': '1' };

/** An exporter that keeps what it gets, and fails as long as `failures` has something. */
function collector(failures: Error[] = []): SpanExporter & { readonly batches: Span[][] } {
  const batches: Span[][] = [];
  return {
    batches,
    export(spans) {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      batches.push([...spans]);
      return Promise.resolve({ rejectedSpans: 0 });
    },
  };
}

function accounted(tracer: ReturnType<typeof createTracer>): void {
  const { recorded, queued, exported, dropped, refused, leaked } = tracer.stats();
  assert.equal(recorded, queued + exported + dropped + refused + leaked);
}

test('spans are exported in order, in batches of at most maxBatch', async () => {
  const exporter = collector();
  const tracer = createTracer({ exporter, clock: () => 5, maxBatch: 2 });

  for (const name of ['a', 'b', 'c']) tracer.start(name).end();
  await tracer.close();

  assert.deepEqual(
    exporter.batches.map((batch) => batch.map((span) => span.name)),
    [['a', 'b'], ['c']],
  );
  assert.equal(tracer.stats().exported, 3);
});

test('an LLM span without model name or version is a coverage leak and is not exported', async () => {
  const exporter = collector();
  const tracer = createTracer({ exporter, clock: () => 5 });

  tracer.start('chat', { attributes: { 'gen_ai.operation.name': 'chat' } }).end();
  tracer.start('chat', { attributes: { 'gen_ai.operation.name': 'chat', ...model } }).end();
  tracer.start('tool', { attributes: {} }).end();
  await tracer.close();

  assert.equal(tracer.stats().leaked, 1);
  assert.equal(exporter.batches.flat().length, 2);
  accounted(tracer);
});

test('a full queue drops further spans and counts them', async () => {
  const tracer = createTracer({ exporter: collector(), clock: () => 5, maxQueue: 3 });

  for (let i = 0; i < 10; i += 1) tracer.start('s').end();

  assert.equal(tracer.stats().dropped, 7);
  await tracer.close();
  assert.equal(tracer.stats().exported, 3);
  accounted(tracer);
});

test('a retryable failure keeps the batch, and the receiver is left alone as long as it asked', async () => {
  let nowMs = 1000;
  const failure = new TraceError('TRACE_EXPORT_RETRYABLE', 'busy', { retryAfterMs: 500 });
  const exporter = collector([failure]);
  const tracer = createTracer({ exporter, clock: () => nowMs });
  tracer.start('a').end();

  await tracer.flush();
  await tracer.flush();
  assert.equal(tracer.stats().queued, 1);
  nowMs += 500;
  await tracer.close();

  assert.equal(tracer.stats().exported, 1);
  accounted(tracer);
});

test('a final failure counts the batch as refused and the next batch still goes out', async () => {
  const failure = new TraceError('TRACE_EXPORT_REFUSED', 'no');
  const exporter = collector([failure]);
  const tracer = createTracer({ exporter, clock: () => 5, maxBatch: 1 });
  tracer.start('a').end();
  tracer.start('b').end();

  await tracer.close();

  assert.equal(tracer.stats().refused, 1);
  assert.equal(tracer.stats().exported, 1);
});

test('spans recorded during an export are not lost', async () => {
  const exporter = collector();
  const tracer = createTracer({
    clock: () => 5,
    exporter: {
      async export(spans, signal) {
        if (spans[0]?.name === 'first') tracer.start('late').end();
        return exporter.export(spans, signal);
      },
    },
  });
  tracer.start('first').end();

  await tracer.close();

  assert.deepEqual(
    exporter.batches.flat().map((span) => span.name),
    ['first', 'late'],
  );
});

test('run() parents its spans through asynchronous code and marks a rejection', async () => {
  const exporter = collector();
  const tracer = createTracer({ exporter, clock: () => 5 });
  const remote = childContext(null);

  await assert.rejects(
    tracer.run('outer', { parent: remote, kind: 'server' }, async (outer) => {
      outer.set('k', 'v');
      outer.event('e', { n: 1 });
      await tracer.run('inner', {}, (inner) => {
        assert.deepEqual(currentContext(), inner.context);
        return Promise.resolve();
      });
      throw new RangeError('secret words');
    }),
    RangeError,
  );
  await tracer.close();

  const [inner, outer] = exporter.batches.flat();
  assert.equal(outer?.parentSpanId, remote.spanId);
  assert.equal(inner?.parentSpanId, outer?.spanId);
  assert.equal(inner?.traceId, remote.traceId);
  assert.deepEqual(outer?.status, { code: 'error', message: 'RangeError' });
  assert.deepEqual(outer?.attributes, { k: 'v' });
  assert.equal(outer?.events[0]?.name, 'e');
});

test('ending a span twice records it once', async () => {
  const tracer = createTracer({ exporter: collector(), clock: () => 5 });
  const span = tracer.start('a');

  span.end();
  span.end();
  await tracer.close();

  assert.equal(tracer.stats().recorded, 1);
});

test('options that cannot work are refused', () => {
  assert.throws(() => createTracer({ exporter: collector(), clock: () => 5, maxQueue: 0 }), {
    code: 'TRACE_CONFIG_INVALID',
  });
});
