import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';

import fc from 'fast-check';

import { firstLine, Tail } from '../../src/sandbox/lines.ts';

test('firstLine() gives the first line and passes on the rest, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (size) => {
      const text = 'ready\nmore\nlines';
      const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      const rest: Buffer[] = [];
      const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

      const line = await firstLine(stream, 100, (chunk) => rest.push(chunk));
      await new Promise((resolve) => stream.once('close', resolve));

      assert.equal(line.toString(), 'ready');
      assert.equal(Buffer.concat(rest).toString(), 'more\nlines');
    }),
    { numRuns: 20 },
  );
});

test('firstLine() refuses a line that never ends, and a stream that ends too early', async () => {
  const endless = new PassThrough();
  const early = new PassThrough();
  const tooLong = firstLine(endless, 8, () => undefined);
  const tooShort = firstLine(early, 8, () => undefined);

  endless.write('123456789');
  early.end('1234');

  await assert.rejects(tooLong, /longer than 8 bytes/);
  await assert.rejects(tooShort, /ended before its first line/);
});

test('Tail keeps the end and bounded memory', () => {
  const tail = new Tail(4);
  for (let i = 0; i < 100; i += 1) tail.push(Buffer.from(`${i % 10}`));

  assert.equal(tail.text(), '6789');
});
