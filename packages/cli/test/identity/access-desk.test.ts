import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { command } from '../fixtures/command.ts';
import type { CommandRun } from '../fixtures/command.ts';
import { openIdentityWorld } from '../fixtures/identity-world.ts';

// No provider answers there, and none is asked: tokens need none.
const world = await openIdentityWorld('http://127.0.0.1:9');
after(() => world.close());
const { owner, guest, url } = world;

interface Made {
  readonly token: string;
  readonly credential: { readonly id: string; readonly owner: string };
}

function madeBy(run: CommandRun): Made {
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as Made;
}

/**
 * Runs a verb in the data folder. Two openings of it in one process would wait for each other's lock;
 * the control plane has finished with it when its checkpoint is published.
 */
async function own(...argv: string[]): Promise<CommandRun> {
  await world.installation.log.published();
  return command(owner, ...argv);
}

async function create(...options: string[]): Promise<Made> {
  return madeBy(await own('token', 'create', '--json', ...options));
}

/** Runs a verb against the control plane with a token. */
function remote({ token }: Pick<Made, 'token'>, ...argv: string[]): Promise<CommandRun> {
  writeFileSync(path.join(guest.cwd, 'token'), token, { mode: 0o600 });
  return command(guest, ...argv, '--control', url, '--token-file', 'token', '--json');
}

function codeOf({ stdout }: CommandRun): string {
  const { error } = JSON.parse(stdout) as { error?: { details: { code: string } } };
  return error?.details.code ?? '';
}

test('the owner of the data folder makes a token for a service, which acts in its own name', async () => {
  const made = await create('--role', 'developer', '--scope', 'model:assistant', '--owner', 'ci');
  const who = await remote(made, 'whoami');

  assert.equal(made.credential.owner, 'ci');
  const told = JSON.parse(who.stdout) as { actor: string; grants: object[]; control: string };
  assert.deepEqual(
    [told.actor, told.control, told.grants],
    ['ci', url, [{ role: 'developer', scope: ['model:assistant'] }]],
  );
});

test('a token is shown once: its list shows no secret, its last use and its state', async () => {
  const made = await create('--role', 'viewer', '--label', 'dashboard', '--expires', '12h');
  await remote(made, 'whoami');
  const { stdout } = await own('token', 'list');

  const line = stdout.split('\n').find((text) => text.startsWith(made.credential.id)) ?? '';
  assert.match(line, /token +root-of-machine +viewer +valid +\S+Z +\S+Z +dashboard$/);
  assert.ok(!stdout.includes(made.token.slice(21)));
  assert.match(stdout.split('\n')[0] ?? '', /^ID +KIND +OWNER +MAY +STATE/);
});

test('a token is written to a file of its own, and never over another', async () => {
  const run = await own('token', 'create', '--role', 'viewer', '--out', 'v.token');
  const again = await own('token', 'create', '--role', 'viewer', '--out', 'v.token');
  const file = path.join(owner.cwd, 'v.token');
  const token = readFileSync(file, 'utf8').trim();

  assert.equal(run.code, 0, run.stderr);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!`${run.stdout}${run.stderr}`.includes(token));
  assert.equal(again.code, 1);
  assert.equal(again.stderr.includes('CLI_OUTPUT_EXISTS'), true);
});

test('revoking ends it at once; rotating gives another', async () => {
  const first = await create('--role', 'developer', '--owner', 'ci');
  const second = madeBy(await own('token', 'rotate', first.credential.id, '--json'));
  const ended = await own('token', 'revoke', second.credential.id);

  assert.equal(codeOf(await remote(first, 'whoami')), 'SERVER_TOKEN_REVOKED');
  assert.equal(ended.code, 0);
  assert.equal(codeOf(await remote(second, 'whoami')), 'SERVER_TOKEN_REVOKED');
});

test("a holder of a token manages their own over the control plane, and nobody else's", async () => {
  const mine = await create('--role', 'developer', '--owner', 'ci');
  const other = await create('--role', 'developer', '--owner', 'someone');
  const child = madeBy(await remote(mine, 'token', 'create', '--role', 'developer'));
  const listed = await remote(mine, 'token', 'list');
  const owners = (JSON.parse(listed.stdout) as { tokens: { owner: string }[] }).tokens;

  assert.equal(child.credential.owner, 'ci');
  assert.deepEqual([...new Set(owners.map((item) => item.owner))], ['ci']);
  const wider = await remote(mine, 'token', 'create', '--role', 'operator');
  assert.equal(codeOf(wider), 'REGISTRY_CREDENTIAL_REFUSED');
  const stolen = await remote(mine, 'token', 'revoke', other.credential.id);
  assert.equal(codeOf(stolen), 'REGISTRY_NOT_FOUND');
  assert.equal((await remote(mine, 'token', 'rotate', child.credential.id)).code, 0);
});

test("the auditor sees everybody's and changes nothing", async () => {
  const auditor = await create('--role', 'auditor', '--owner', 'ada');
  const listed = await remote(auditor, 'token', 'list');
  const owners = (JSON.parse(listed.stdout) as { tokens: { owner: string }[] }).tokens;

  assert.ok(owners.some(({ owner: name }) => name === 'ci'));
  const made = await remote(auditor, 'token', 'create', '--role', 'auditor');
  assert.equal(codeOf(made), 'SERVER_FORBIDDEN');
});

test('a name that is a person of the configuration is that person', async () => {
  const made = await create('--role', 'viewer', '--owner', 'alice@example.com');

  assert.equal(made.credential.owner, 'approver-one');
});

describe('a mistake on the command line is usage, and makes nothing:', () => {
  const before = async (): Promise<number> =>
    (await world.installation.credentials.list({ limit: 10_000 })).length;
  const cases: readonly (readonly [string, readonly string[], number])[] = [
    ['no role', ['create'], 4],
    ['a role that is none', ['create', '--role', 'root'], 4],
    ['a life that is none', ['create', '--role', 'viewer', '--expires', 'soon'], 4],
    ['a life without end', ['create', '--role', 'viewer', '--expires', '9999d'], 1],
    ['a scope that is none', ['create', '--role', 'viewer', '--scope', 'production'], 1],
    ['an id that is none', ['revoke', 'nothing'], 1],
  ];
  for (const [name, argv, code] of cases) {
    test(name, async () => {
      const count = await before();

      assert.equal((await own('token', ...argv)).code, code);
      assert.equal(await before(), count);
    });
  }

  test('nowhere to ask', async () => {
    const nowhere = { ...guest, data: path.join(guest.cwd, 'nowhere') };

    assert.equal((await command(nowhere, 'whoami')).code, 2);
    assert.equal((await command(nowhere, 'whoami', '--control', url)).code, 4);
    assert.equal((await command(nowhere, 'logout')).code, 3);
    assert.equal((await command(nowhere, 'whoami', '--control', 'http://example.com')).code, 4);
    assert.equal(existsSync(nowhere.data), false);
  });
});

test('refused tokens and logins are in the history, counted, without a word of what was tried', async () => {
  const tried = await openIdentityWorld('http://127.0.0.1:9');
  const operator = readFileSync(path.join(tried.owner.data, 'control-token'), 'utf8').trim();
  const ask = async (pathname: string, init: RequestInit): Promise<number> =>
    (await fetch(`${tried.url}${pathname}`, init)).status;
  const as = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
  const said = [];
  for (let i = 0; i < 5; i += 1) said.push(await ask('/v1/whoami', as(`guessed-secret-${i}`)));
  const body = JSON.stringify({ provider: 'elsewhere', idToken: 'e30.e30.c2ln' });
  const json = { 'content-type': 'application/json' };
  said.push(await ask('/v1/sessions', { method: 'POST', body, headers: json }));
  said.push(await ask('/v1/refusals', as(operator)));
  await tried.close();

  const { code, stdout } = await command(tried.owner, 'history', '--refused', '--json');

  assert.deepEqual(said, [401, 401, 401, 401, 401, 401, 200]);
  assert.equal(code, 0, stdout);
  const { refused } = JSON.parse(stdout) as { refused: readonly { counts: object }[] };
  assert.deepEqual(
    refused.map(({ counts }) => counts),
    [
      [
        { code: 'SERVER_IDENTITY_INVALID', count: 1 },
        { code: 'SERVER_UNAUTHORIZED', count: 5 },
      ],
    ],
  );
  assert.ok(!stdout.includes('guessed') && !stdout.includes('elsewhere'));
});
