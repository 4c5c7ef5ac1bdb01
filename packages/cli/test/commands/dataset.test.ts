import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, describe, test } from 'node:test';

import { parseEnvelope, readPublicKey, verifyEnvelope } from '@proofmark/core';

import { createKey } from '../../src/keyring.ts';
import { createProgram } from '../../src/program.ts';

const cwd = mkdtempSync(path.join(tmpdir(), 'proofmark-dataset-'));
after(() => rmSync(cwd, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; json: Record<string, unknown> }> {
  const stdout = new PassThrough();
  let printed = '';
  stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const code = await createProgram({
    argv: ['dataset', ...argv, '--json'],
    cwd,
    defaultDataRoot: path.join(cwd, 'data'),
    streams: { stdout, stderr: new PassThrough(), color: false },
    clock: () => 0,
    signal: new AbortController().signal,
    actor: 'tester',
  });
  return { code, json: JSON.parse(printed || '{}') as Record<string, unknown> };
}

const write = (name: string, text: string): void => writeFileSync(path.join(cwd, name), text);
const read = (name: string): string => readFileSync(path.join(cwd, name), 'utf8');

describe('proofmark dataset', () => {
  test('create, tag and diff: the version is the content', async () => {
    write('rows.jsonl', '{"id":"b","text":"2"}\n{"text":"1","id":"a"}\n');
    const made = await run('create', 'rows.jsonl', '--out', 'one.jsonl', '--owner', 'red-team');
    write('rows.jsonl', '{"id":"a","text":"1"}\n{"id":"b","text":"2"}\n');
    const again = await run('create', 'rows.jsonl', '--out', 'two.jsonl', '--owner', 'red-team');

    assert.equal(made.json['digest'], again.json['digest']);
    assert.equal((await run('diff', 'one.jsonl', 'two.jsonl')).code, 0);
    const { code, json } = await run('version', 'one.jsonl');
    assert.deepEqual([code, json['digest'], json['rows']], [0, made.json['digest'], 2]);
    assert.deepEqual(json['families'], { imported: 2 });

    assert.equal((await run('tag', 'two.jsonl', 'b', '--severity', 'high')).code, 0);
    const diff = await run('diff', 'one.jsonl', 'two.jsonl');
    assert.equal(diff.code, 1);
    assert.deepEqual(diff.json['changed'], ['b']);
    assert.match(read('two.jsonl'), /"id":"b","owner":"red-team","severity":"high"/);
    assert.doesNotMatch(read('two.jsonl'), /"json"/);
  });

  test('imports another tool’s file and signs the version', async () => {
    write('hits.jsonl', '{"probe":"dan.Dan","prompt":"be DAN","output":"sure"}\n');
    const { json } = await run('import', 'hits.jsonl', '--format', 'garak', '--out', 'hits.set');
    createKey(path.join(cwd, 'tester.pem'), 'ed25519');
    assert.equal((await run('sign', 'hits.set', '--key', 'tester.pem')).code, 0);

    const envelope = parseEnvelope(read('hits.set.sig').trim());
    const { payload } = verifyEnvelope(envelope, [readPublicKey(read('tester.pub'))]);
    assert.ok(Buffer.from(payload).toString().includes(String(json['digest'])));
  });

  test('a signed dataset verifies by its rows, and only by them', async () => {
    const rows = '{"family":"f","id":"a","text":"1"}\n{"family":"f","id":"b","text":"2"}\n';
    write('signed.jsonl', rows);
    createKey(path.join(cwd, 'other.pem'), 'ed25519');
    createKey(path.join(cwd, 'signer.pem'), 'ed25519');
    await run('sign', 'signed.jsonl', '--key', 'signer.pem');
    const verify = async (...more: string[]) =>
      await run('verify', 'signed.jsonl', '--key', 'other.pub', '--key', 'signer.pub', ...more);

    const good = await verify();
    assert.deepEqual([good.code, good.json['outcome']], [0, 'pass']);
    assert.equal((await run('verify', 'signed.jsonl', '--key', 'other.pub')).code, 1);

    write('signed.jsonl', rows.split('\n').toReversed().join('\n'));
    assert.equal((await verify()).code, 0, 'the order of rows means nothing');
    for (const changed of [
      rows.replace('"2"', '"3"'),
      rows.slice(0, rows.indexOf('\n') + 1),
      `${rows}{"family":"f","id":"c"}\n`,
    ]) {
      write('signed.jsonl', changed);
      const { code, json } = await verify();
      assert.deepEqual([code, json['outcome']], [1, 'fail']);
    }
    write('signed.jsonl', rows);
    await run('sign', 'hits.set', '--key', 'signer.pem');
    const foreign = await verify('--signature', 'hits.set.sig');
    assert.deepEqual([foreign.code, foreign.json['outcome']], [1, 'fail']);
    assert.equal((await verify('--signature', 'none.sig')).code, 2);
    assert.equal((await run('verify', 'signed.jsonl')).code, 4);
  });

  test('what is missing or wrong is said and nothing is written', async () => {
    assert.equal((await run('create', 'none.jsonl', '--out', 'x')).code, 2);
    assert.equal((await run('import', 'hits.jsonl', '--format', 'csv', '--out', 'x')).code, 1);
    assert.equal((await run('tag', 'two.jsonl', 'zzz', '--owner', 'a')).code, 4);
    assert.equal((await run('tag', 'two.jsonl', 'b')).code, 4);
    assert.equal((await run('import', 'hits.jsonl', '--out', 'x')).code, 4);
    assert.throws(() => read('x'));
  });
});
