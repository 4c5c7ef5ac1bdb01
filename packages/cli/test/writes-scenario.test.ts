import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import { identityOf, signEvidence, writerOf } from '@proofmark/registry';
import { decodeEntry } from '@proofmark/tlog';
import { Command } from 'commander';

import { loadVerbs } from '../src/verbs.ts';
import { command } from './fixtures/command.ts';
import type { CommandRun } from './fixtures/command.ts';
import { openIdentityWorld } from './fixtures/identity-world.ts';

/**
 * Every verb writes nothing to the registry, or is run below and must name its actor. `al` is a login
 * of the person `approver-one`: what is written under it names the person.
 */
const WRITES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  push: [['push', 'assistant@1.0.0', 'model']],
  register: [['register', 'third@1.0.0', 'third']],
  import: [['import', 'copy@1.0.0', 'other']],
  attest: [['attest', 'assistant@1.0.0', '--lock', 'package-lock.json']],
  bom: [['bom', 'assistant@1.0.0', '--attach']],
  tag: [['tag', 'add', 'assistant@1.0.0', 'reviewed']],
  label: [['label', 'set', 'assistant@1.0.0', 'team=support']],
  alias: [['alias', 'set', 'staging', 'assistant@1.0.0', '--reason', 'for the testers']],
  approve: [['approve', 'assistant@1.0.0', '--as', 'first', '--key', 'data/keys/approver-1.pem']],
  promote: [['promote', 'assistant@1.0.0']],
  evidence: [['evidence', 'attach', 'secrets.json']],
  revoke: [['revoke', 'third@1.0.0', '--reason', 'unused', '--key', 'data/keys/approver-1.pem']],
  token: [['token', 'create', '--role', 'viewer']],
};

/** Write through the same methods of the registry, after what a unit test has no sandbox or time for. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  up: 'end-to-end tests: it ships and serves a model in the sandbox',
  demo: 'the same',
  test: 'attaches evidence that the sandbox gives',
  shadow: 'starts by a promotion, attests what the sandbox gives',
  rollback: 'needs a promotion; HTTP tests and the registry run it',
  gc: 'waits for the grace of its plan; the registry runs it with its clock',
  login: 'tested against a real provider',
  logout: 'the same',
};

const READS = new Set(
  'init keygen sign verify scan pull versions search eval dataset whoami explain gate history export verify-gate receipt tlog alerts traces scores lineage doctor schema completion'.split(
    ' ',
  ),
);

const world = await openIdentityWorld('http://127.0.0.1:9');
const { installation, owner } = world;
after(() => world.close());
const al = { ...owner, actor: 'al' };
for (const [name, text] of [
  ['model', '{"model_type":"llama"}'],
  ['other', '{"model_type":"gpt2"}'],
  ['third', '{"model_type":"bert"}'],
] as const) {
  mkdirSync(path.join(owner.cwd, name));
  writeFileSync(path.join(owner.cwd, name, 'config.json'), text);
}
writeFileSync(
  path.join(owner.cwd, 'package-lock.json'),
  JSON.stringify({
    name: 'x',
    lockfileVersion: 3,
    packages: { '': {}, 'node_modules/ms': { version: '2.1.3' } },
  }),
);

/** Evidence that was signed elsewhere, about a version that a verb above has registered. */
async function writeEvidence(): Promise<void> {
  const row = await installation.registry.store.version('third', '1.0.0');
  if (row === null) return;
  const said = { secrets: [{ name: 'a', rotatedAtMs: 0 }], checkedAtMs: Date.now() };
  const signers = [installation.signer('tester')];
  const envelope = await signEvidence('secrets', said, identityOf(row), signers);
  writeFileSync(path.join(owner.cwd, 'secrets.json'), JSON.stringify(envelope));
}

async function run(...argv: readonly string[]): Promise<CommandRun> {
  await installation.log.published();
  return command(al, ...argv);
}

test('every verb is known to read or to write', async () => {
  const program = new Command();
  for (const verb of await loadVerbs(undefined)) verb(program, () => Promise.resolve());
  const verbs = program.commands.map((one) => one.name());

  const known = [...Object.keys(WRITES), ...Object.keys(ELSEWHERE), ...READS];
  assert.deepEqual(known.toSorted(), verbs.toSorted());
});

/** Size of the log, also when another opening of it has written. */
async function size(): Promise<number> {
  const seen = installation.log.status().size;
  await installation.log.entries(seen, seen + 1).catch(() => undefined);
  return installation.log.status().size;
}

describe('every verb that writes names its actor in the log:', () => {
  for (const [verb, lines] of Object.entries(WRITES)) {
    test(verb, async () => {
      if (verb === 'evidence') await writeEvidence();
      for (const argv of lines) {
        const before = await size();
        const { stderr, stdout } = await run(...argv);
        const end = await size();

        assert.ok(end > before, `${argv.join(' ')}: ${stdout}${stderr}`);
        for (const bytes of await installation.log.entries(before, end)) {
          const entry = decodeEntry(bytes);
          const writer = await writerOf(installation.registry.store, entry);
          assert.equal(writer, 'approver-one', `${entry.kind} of ${argv.join(' ')}`);
        }
      }
    });
  }

  test('and tlog show tells them', async () => {
    const { stdout } = await run('tlog', 'show', '--json');
    const rows = JSON.parse(stdout) as readonly { readonly kind: string; readonly actor: string }[];

    assert.ok(rows.length > 5);
    assert.deepEqual([...new Set(rows.map(({ actor }) => actor))], ['approver-one']);
  });
});

describe('over the control plane', () => {
  const at = ['--control', world.url, '--env', 'production'];
  const tokenOf = async (role: string, name: string): Promise<string> => {
    const file = `${name}.token`;
    const made = await run('token', 'create', '--role', role, '--owner', name, '--out', file);
    assert.equal(made.code, 0, made.stderr);
    return file;
  };
  const last = async (): Promise<string> => {
    const end = await size();
    const [bytes = new Uint8Array()] = await installation.log.entries(end - 1, end);
    const entry = decodeEntry(bytes);
    return `${entry.kind} by ${await writerOf(installation.registry.store, entry)}`;
  };

  test('an approver signs with their own key and approves in their own name only', async () => {
    const file = await tokenOf('approver', 'second');
    const guest = { ...world.guest, cwd: owner.cwd };
    const approve = (...more: readonly string[]): Promise<CommandRun> =>
      command(guest, 'approve', 'assistant@1.0.0', '--token-file', file, ...at, ...more);

    const key = ['--key', 'data/keys/approver-2.pem'];
    const good = await approve(...key, '--json');
    const written = await last();
    const asAnother = await approve(...key, '--as', 'first');
    const noKey = await approve();

    assert.equal(good.code, 0, good.stderr);
    assert.match(good.stderr, /approval: FAIL GATE_APPROVAL_TOO_FEW/);
    assert.equal(written, 'evidence by second');
    assert.match(asAnother.stderr, /SERVER_ACTOR_MISMATCH/);
    assert.equal(noKey.code, 4);
    const version = await installation.registry.store.version('assistant', '1.0.0');
    const policy = installation.config.policies.get('production');
    assert.ok(version !== null && policy !== undefined);
    const decision = await installation.registry.decide('assistant', '1.0.0', policy);
    const approval = decision.rules.find(({ rule }) => rule === 'approval');
    // The other approval is that of the verb above: by another key, in another name.
    assert.equal(approval?.found, 'approved by first, second');
  });

  test('an operator asks for a promotion there; a denial says what each rule lacks', async () => {
    const file = await tokenOf('operator', 'olga');
    const guest = { ...world.guest, cwd: owner.cwd };
    const more = ['assistant@1.0.0', '--token-file', file, ...at];

    const denied = await command(guest, 'promote', ...more);
    const written = await last();
    const refused = await command(guest, 'rollback', ...more);

    assert.equal(denied.code, 1);
    assert.match(denied.stdout, /regression GATE_EVIDENCE_MISSING/);
    assert.equal(written, 'denial by olga');
    assert.match(refused.stderr, /REGISTRY_ROLLBACK_REFUSED/);
    assert.ok(!readFileSync(path.join(owner.cwd, file), 'utf8').includes(' '));
  });
});
