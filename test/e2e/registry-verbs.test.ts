/**
 * The registry at the command line: register, find, mark, point, trace what is made of what, collect.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { temporaryFolder, verb } from './harness.ts';
import type { Finished } from './harness.ts';

const work = temporaryFolder();
const at = (...names: string[]): string => path.join(work, ...names);
const data = at('data');
const run = (...args: string[]): Promise<Finished> => verb([...args, '--json', '--data', data]);

function document<T>({ stdout }: Finished): T {
  return JSON.parse(stdout) as T;
}

function codeOf(finished: Finished): string {
  return document<{ error: { code: string } }>(finished).error.code;
}

function makeModel(name: string, card: string): string {
  mkdirSync(at(name));
  writeFileSync(at(name, 'config.json'), `{"model_type":"${name}"}\n`);
  writeFileSync(at(name, 'README.md'), card);
  return at(name);
}

/** SHA-256 names of the sealed files. */
function sealed(): readonly string[] {
  return readdirSync(path.join(data, 'sealed', 'sha256'), { recursive: true, encoding: 'utf8' })
    .map((file) => path.basename(file))
    .filter((name) => name.length === 64);
}

before(async () => {
  assert.equal((await run('init')).code, 0);
  for (const [reference, folder, ...rest] of [
    ['base@1.0.0', makeModel('base', '# base\n')],
    [
      'tuned@1.1.0',
      makeModel('tuned', '---\nbase_model: acme/older\n---\n'),
      '--base',
      'base@1.0.0',
    ],
  ] as const) {
    const registered = await run('register', reference, folder, ...rest);
    assert.equal(registered.code, 0, registered.stderr);
  }
});

after(() => rmSync(work, { recursive: true, force: true }));

test('tags, labels, states and base models find versions', async () => {
  assert.equal((await run('tag', 'add', 'base@1.0.0', 'reviewed')).code, 0);
  assert.equal((await run('tag', 'add', 'base@1.0.0', 'reviewed')).code, 3);
  assert.equal((await run('label', 'set', 'tuned@^1', 'team=support')).code, 0);
  const names = async (...filter: string[]): Promise<readonly string[]> =>
    document<{ versions: { name: string }[] }>(await run('search', ...filter)).versions.map(
      ({ name }) => name,
    );

  assert.deepEqual(await names('--tag', 'reviewed'), ['base']);
  assert.deepEqual(await names('TUN', '--label', 'team=support', '--state', 'registered'), [
    'tuned',
  ]);
  assert.deepEqual(await names('--base', 'acme/older'), ['tuned']);
  const none = await run('search', 'nobody');
  const wrong = await run('search', '--state', 'live');
  assert.equal(none.code, 3);
  assert.deepEqual([wrong.code, codeOf(wrong)], [1, 'REGISTRY_FILTER_INVALID']);
});

test('a free alias moves by compare-and-set; a protected one is refused; both say so', async () => {
  const set = (alias: string, expect: string): Promise<Finished> =>
    run('alias', 'set', alias, 'base@1.0.0', '--reason', 'for the testers', '--expect', expect);

  const moved = await set('staging', '0');
  const late = await set('staging', '0');
  const live = await set('live', '0');
  const history = document<{ moves: { reason: string; generation: number }[] }>(
    await run('alias', 'history', 'staging'),
  );

  assert.equal(moved.code, 0, moved.stderr);
  assert.deepEqual([late.code, codeOf(late)], [1, 'REGISTRY_ALIAS_MOVED']);
  assert.deepEqual([live.code, codeOf(live)], [1, 'REGISTRY_ALIAS_PROTECTED']);
  assert.deepEqual(
    history.moves.map(({ reason, generation }) => [reason, generation]),
    [['for the testers', 1]],
  );
});

test('lineage shows what a version is made from and into', async () => {
  const up = document<{ ancestors: { base: string; source: string }[] }>(
    await run('lineage', 'tuned@1.1.0'),
  );
  const down = document<{ descendants: { versions: { name: string }[] }[] }>(
    await run('lineage', 'base@1.0.0'),
  );
  const circle = await run('lineage', 'base@1.0.0', '--base', 'tuned@1.1.0');

  assert.deepEqual(
    up.ancestors.map(({ base, source }) => [base, source]),
    [
      ['base@1.0.0', 'operator'],
      ['acme/older', 'model-card'],
    ],
  );
  assert.equal(down.descendants[0]?.versions[0]?.name, 'tuned');
  assert.equal(codeOf(circle), 'REGISTRY_LINEAGE_INVALID');
});

test('a hosted-model release is a version; a floating one is refused', async () => {
  const release = `version: 1
provider: acme
api: openai-chat
endpoint: https://api.example.com/v1
model: acme-large-2026-05-01
prompts: {system: Be kind.}
`;
  writeFileSync(at('model.yaml'), release);
  writeFileSync(at('floating.yaml'), release.replace('-2026-05-01', '-latest'));

  const registered = await run('register', 'hosted@1.0.0', at('model.yaml'));
  const floating = await run('register', 'hosted@2.0.0', at('floating.yaml'));
  const explained = await run('explain', 'hosted@1.0.0');

  assert.equal(registered.code, 0, registered.stderr);
  assert.deepEqual([floating.code, codeOf(floating)], [1, 'REGISTRY_RELEASE_FLOATING']);
  const { rules } = document<{ rules: { rule: string; outcome: string }[] }>(explained);
  assert.equal(rules.find(({ rule }) => rule === 'signature')?.outcome, 'pass');
});

test('collected bytes are those that nothing needs; pushing again brings them back', async () => {
  const plan = at('plan.json');
  const early = at('early.json');
  const before = sealed();
  assert.equal((await run('gc', 'plan', '--out', early, '--retention-days', '0')).code, 3);

  const now = ['--retention-days', '0', '--grace-hours', '0'];
  const planned = await run('gc', 'plan', '--out', plan, ...now);
  const tooEarly = await run('gc', 'run', early);
  const signature = /"sig":"(.)/;
  const other = signature.exec(readFileSync(plan, 'utf8'))?.[1] === 'A' ? 'B' : 'A';
  const text = readFileSync(plan, 'utf8').replace(signature, `"sig":"${other}`);
  writeFileSync(at('altered.json'), text);
  const altered = await run('gc', 'run', at('altered.json'));
  const collected = await run('gc', 'run', plan);
  const without = await run('promote', 'tuned@1.1.0');
  const missing = before.filter((digest) => !sealed().includes(digest));
  const again = await run('push', 'tuned@1.1.0', at('tuned'));

  assert.equal(planned.code, 0, planned.stderr);
  assert.equal(codeOf(tooEarly), 'REGISTRY_GC_TOO_EARLY');
  assert.ok(altered.code !== 0);
  assert.equal(collected.code, 0, collected.stderr);
  // What staging points to stays: its two files.
  assert.deepEqual([before.length, missing.length], [5, 3]);
  assert.equal(codeOf(without), 'REGISTRY_BYTES_MISSING');
  assert.equal(again.code, 0, again.stderr);
  assert.equal(
    (await run('promote', 'tuned@1.1.0')).code,
    1,
    'denied, but no longer for its bytes',
  );
  assert.equal((await run('tlog', 'monitor')).code, 0);
});
