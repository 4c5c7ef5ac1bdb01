import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';

import { createProgram } from '../src/program.ts';

const cwd = mkdtempSync(path.join(tmpdir(), 'proofmark-program-'));

async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const seen = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr'): PassThrough => {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => {
      seen[name] += chunk.toString();
    });
    return through;
  };
  const code = await createProgram({
    argv,
    cwd,
    defaultDataRoot: path.join(cwd, 'data'),
    streams: { stdout: stream('stdout'), stderr: stream('stderr'), color: false },
    clock: () => 0,
    signal: new AbortController().signal,
    actor: 'tester',
  });
  return { code, ...seen };
}

const VERBS = [
  'init',
  'up',
  'keygen',
  'sign',
  'verify',
  'scan',
  'push',
  'import',
  'pull',
  'register',
  'versions',
  'search',
  'lineage',
  'alias',
  'tag',
  'label',
  'gc',
  'attest',
  'test',
  'eval',
  'approve',
  'login',
  'logout',
  'whoami',
  'token',
  'explain',
  'promote',
  'rollback',
  'receipt',
  'tlog',
  'alerts',
  'traces',
  'doctor',
  'completion',
];

describe('help', () => {
  for (const verb of VERBS) {
    test(`${verb} --help explains itself and exits 0`, async () => {
      const { code, stdout } = await run(verb, '--help');

      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Usage: proofmark ${verb}`));
    });
  }
});

test('an unknown verb, option or a missing argument is usage: 4, and says what was meant', async () => {
  assert.equal((await run('verfy')).code, 4);
  assert.match((await run('verfy')).stderr, /Did you mean verify/);
  assert.equal((await run('scan', '--nope')).code, 4);
  assert.equal((await run('keygen')).code, 4);
});

test('an error is one line for people, and one document with --json', async () => {
  const plain = await run('versions');
  const json = await run('versions', '--json');

  assert.equal(plain.code, 2);
  assert.equal(plain.stdout, '');
  assert.match(plain.stderr, /no such folder; run proofmark init/);
  assert.equal(
    (JSON.parse(json.stdout) as { error: { code: string } }).error.code,
    'CLI_DATA_FOLDER',
  );
});

test('keygen makes a pair once and refuses to replace it', async () => {
  assert.equal((await run('keygen', 'release.pem', '--json')).code, 0);
  assert.equal((await run('keygen', 'release.pem')).code, 1);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`completion for ${shell} names every verb`, async () => {
    const { stdout } = await run('completion', shell);

    for (const verb of VERBS) assert.ok(stdout.includes(verb), verb);
  });
}

test('a count that is no whole number is wrong usage, before anything is opened', async () => {
  for (const verb of [['alerts'], ['traces'], ['tlog', 'show']]) {
    for (const limit of ['many', '-1', '0', '1e3', '10001', '']) {
      const { code, stdout } = await run(...verb, `--limit=${limit}`, '--json');

      assert.equal(code, 4, `${verb.join(' ')} ${limit}`);
      assert.match(stdout, /CLI_USAGE/);
    }
  }
});
