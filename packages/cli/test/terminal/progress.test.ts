import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';

import { barLine, startProgress } from '../../src/terminal/progress.ts';

function terminal(isTTY: boolean): {
  stream: PassThrough & { isTTY: boolean; columns: number };
  text: () => string;
} {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  let seen = '';
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  return { stream, text: () => seen };
}

test('a bar shows share and time left', () => {
  assert.equal(
    barLine('hash', 25, 100, { elapsedMs: 10_000, detail: 'a.bin' }),
    'hash [#######.....................]  25 % 0:30 left  a.bin',
  );
});

test('a bar of bytes shows their rate, without those that were there already', () => {
  const extra = { elapsedMs: 10_000, detail: '', unit: 'bytes' } as const;

  assert.match(barLine('pull', 25e6, 100e6, extra), / 25 % 2\.5 MB\/s 0:30 left$/);
  assert.match(
    barLine('pull', 75e6, 100e6, { ...extra, reused: 50e6 }),
    / 75 % 2\.5 MB\/s 0:10 left$/,
  );
  assert.match(barLine('pull', 50e6, 100e6, { ...extra, reused: 50e6 }), / 50 %$/);
});

test('a bar of an empty total stands at zero and promises nothing', () => {
  assert.equal(
    barLine('hash', 0, 0, { elapsedMs: 10_000, detail: '' }),
    'hash [............................]   0 %',
  );
});

test('work under one second draws nothing; longer work draws and cleans up', () => {
  const { stream, text } = terminal(true);
  let now = 0;
  const progress = startProgress('hash', stream, () => now);

  progress.update(1, 10);
  assert.equal(text(), '');
  now = 1500;
  progress.update(5, 10);
  assert.match(text(), /hash \[#{14}\.{14}\] {2}50 %/);
  progress.end();
  assert.ok(text().endsWith('\r\u001b[2K'));
});

test('a pipe sees no bar', () => {
  const { stream, text } = terminal(false);
  let now = 0;
  const progress = startProgress('hash', stream, () => now);
  now = 5000;

  progress.update(5, 10);
  progress.end();

  assert.equal(text(), '');
});
