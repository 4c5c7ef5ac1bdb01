import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Command } from 'commander';

import { loadVerbs } from '../src/verbs.ts';

/** Names of the verbs that are loaded for a first argument. */
async function loaded(name: string | undefined): Promise<readonly string[]> {
  const program = new Command();
  for (const verb of await loadVerbs(name)) verb(program, () => Promise.resolve());
  return program.commands.map((command) => command.name());
}

test('every verb is there under the name it has on the command line', async () => {
  const all = await loaded(undefined);
  for (const name of all) assert.ok((await loaded(name)).includes(name), name);
  assert.equal(new Set(all).size, all.length);
});

test('a verb is loaded without the others', async () => {
  const all = await loaded(undefined);
  for (const name of all.filter((known) => known !== 'completion')) {
    assert.deepEqual(await loaded(name), [name]);
  }
});

test('help, completion and a name that is none see every verb', async () => {
  const all = await loaded(undefined);
  for (const name of ['--help', 'completion', 'verifi', '', 'constructor']) {
    assert.deepEqual(await loaded(name), all);
  }
  assert.ok(all.includes('verify') && all.includes('bom') && all.includes('attest'));
});
