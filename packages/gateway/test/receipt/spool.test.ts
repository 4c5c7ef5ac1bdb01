import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { SpoolRecord } from '../../src/receipt/spool-record.ts';
import { openSpool } from '../../src/receipt/spool.ts';

function folder(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'proofmark-spool-'));
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

const done = (number: number): SpoolRecord => ({
  kind: 'done',
  id: `rcpt_${number}`,
  body: `{"n":${number}}`,
});

test('what was written is there after the next opening, in order', async (t) => {
  const directory = folder(t);
  const first = await openSpool({ directory, sync: 'disk' });
  await Promise.all([1, 2, 3].map((n) => first.spool.write(done(n))));
  await first.spool.close();

  const second = await openSpool({ directory, sync: 'process' });

  assert.deepEqual(second.records, [done(1), done(2), done(3)]);
  await second.spool.close();
});

test('a line that a crash cut is forgiven at the end of a segment, damage before it is not', async (t) => {
  const directory = folder(t);
  const first = await openSpool({ directory, sync: 'process' });
  await first.spool.write(done(1));
  await first.spool.close();
  const segment = path.join(directory, '00000001.spool');
  const whole = readFileSync(segment, 'utf8');

  appendFileSync(segment, whole.slice(0, 20));
  const cut = await openSpool({ directory, sync: 'process' });
  assert.deepEqual(cut.records, [done(1)]);
  await cut.spool.close();
  writeFileSync(segment, `${whole.slice(0, 20)}\n${whole}`);
  await assert.rejects(openSpool({ directory, sync: 'process' }), {
    code: 'GATEWAY_SPOOL_CORRUPT',
  });
});

test('a segment is deleted when all its ids are released and a later one is written', async (t) => {
  const directory = folder(t);
  const { spool } = await openSpool({ directory, sync: 'process', segmentBytes: 1 });
  await spool.write(done(1));
  await spool.write(done(2));
  await spool.write(done(3));
  assert.equal(readdirSync(directory).length, 3);

  spool.release('rcpt_2');
  spool.release('rcpt_1');
  await spool.close();

  assert.deepEqual(readdirSync(directory), ['00000003.spool']);
});

test('a full spool refuses writes until something is released', async (t) => {
  const directory = folder(t);
  const { spool } = await openSpool({ directory, sync: 'process', segmentBytes: 1, maxBytes: 50 });
  await spool.write(done(1));
  await spool.write(done(2));

  assert.equal(spool.full(), true);
  await assert.rejects(spool.write(done(3)), { code: 'GATEWAY_RECEIPT_UNAVAILABLE' });
  spool.release('rcpt_1');
  assert.equal(spool.full(), false);
  await spool.write(done(3));
  await spool.close();
});

test('a spool whose folder vanished refuses, for good', async (t) => {
  const directory = folder(t);
  const { spool } = await openSpool({ directory, sync: 'process' });
  rmSync(directory, { recursive: true });

  await assert.rejects(spool.write(done(1)), { code: 'GATEWAY_RECEIPT_UNAVAILABLE' });

  assert.equal(spool.full(), true);
  await assert.rejects(spool.write(done(2)), { code: 'GATEWAY_RECEIPT_UNAVAILABLE' });
  await spool.close();
});
