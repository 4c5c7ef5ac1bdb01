import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';

import type { Envelope, JsonObject } from '@proofmark/core';
import { canonicalJson, sha256Hex, signStatement } from '@proofmark/core';
import { identityOf, signEvidence } from '@proofmark/registry';

import { createKey, readSignerFile } from '../../src/keyring.ts';
import { command } from '../fixtures/command.ts';
import type { CommandRun } from '../fixtures/command.ts';
import { openIdentityWorld } from '../fixtures/identity-world.ts';

const world = await openIdentityWorld('http://127.0.0.1:9');
const { installation, owner } = world;
after(() => world.close());
const al = { ...owner, actor: 'al' };
const at = (...names: string[]): string => path.join(owner.cwd, ...names);
const APPROVER = ['--as', 'approver-one', '--key', 'data/keys/approver-1.pem'];
const CONFIG = '{"model_type":"llama"}';

async function run(...argv: readonly string[]): Promise<CommandRun> {
  await installation.log.published();
  return command(al, ...argv);
}

async function json<T>(...argv: readonly string[]): Promise<T> {
  const { stdout } = await run(...argv, '--json');
  return JSON.parse(stdout) as T;
}

interface Listed {
  readonly kind: string;
  readonly digest: string;
  readonly standing: string;
  readonly rules: readonly string[];
  readonly logged?: boolean;
}

for (const [name, text] of [
  ['model', CONFIG],
  ['other', '{"model_type":"gpt2"}'],
] as const) {
  mkdirSync(at(name));
  writeFileSync(at(name, 'config.json'), text);
}
await run('push', 'assistant@1.0.0', 'model');
await run('push', 'other@1.0.0', 'other');

describe('attest --type secrets', () => {
  const secrets = (value: unknown): void =>
    writeFileSync(at('secrets.json'), JSON.stringify(value));
  const attest = (): Promise<CommandRun> =>
    run('attest', 'assistant@1.0.0', '--type', 'secrets', 'secrets.json');

  test('names and times become evidence that the rule of the policy reads', async () => {
    const rotatedAt = new Date(Date.now() - 3_600_000).toISOString();
    secrets({ secrets: [{ name: 'provider/openai', rotatedAt }] });

    const attested = await attest();

    assert.equal(attested.code, 0, attested.stderr);
    const listed = await json<Listed[]>('evidence', 'list', 'assistant@1.0.0');
    assert.deepEqual(listed.find(({ kind }) => kind === 'secrets')?.rules, ['secrets: pass']);
  });

  test('a file that holds more than names and times is refused, and nothing of it is shown', async () => {
    const rotatedAt = '2026-01-31T12:00:00Z';
    const refused: readonly unknown[] = [
      { secrets: [{ name: 'a', rotatedAt, value: 'sk-very-secret' }] },
      { secrets: [{ name: 'sk very secret', rotatedAt }] },
      { secrets: [{ name: 'a', rotatedAt: 'sk-very-secret' }] },
      {
        secrets: [
          { name: 'a', rotatedAt },
          { name: 'a', rotatedAt },
        ],
      },
      [],
      'sk-very-secret',
    ];
    for (const value of refused) {
      secrets(value);
      const { code, stdout, stderr } = await attest();

      assert.equal(code, 1, JSON.stringify(value));
      assert.match(stderr, /CLI_EVIDENCE_INVALID/);
      assert.doesNotMatch(`${stdout}${stderr}`, /very.secret/);
    }
  });
});

describe('attest --type provenance', () => {
  createKey(at('builder.pem'), 'ed25519');
  createKey(at('stranger.pem'), 'ed25519');
  const predicate = {
    buildDefinition: {
      buildType: 'https://example.com/train/v1',
      externalParameters: { config: 'train.yaml' },
      resolvedDependencies: [
        { uri: 'git+https://example.com/model', digest: { gitCommit: 'a'.repeat(40) } },
      ],
    },
    runDetails: {
      builder: { id: 'https://example.com/builders/gpu' },
      metadata: { finishedOn: '2026-11-01T00:00:00Z' },
    },
  } satisfies JsonObject;
  const file = { name: 'config.json', digest: { sha256: sha256Hex(CONFIG) } };

  async function attest(
    change: Partial<Parameters<typeof signStatement>[0]> = {},
    { key = 'builder.pem', signer = ['--signer', 'builder.pub'] } = {},
  ): Promise<CommandRun> {
    const statement = {
      subject: [file, { name: 'train.log', digest: { sha256: 'b'.repeat(64) } }],
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate,
      ...change,
    };
    const envelope = await signStatement(statement, [readSignerFile(at(key))]);
    writeFileSync(at('build.json'), JSON.stringify(envelope));
    return run('attest', 'assistant@1.0.0', '--type', 'provenance', 'build.json', ...signer);
  }

  test('what a believed builder says about exactly these files becomes evidence', async () => {
    const attested = await attest();

    assert.equal(attested.code, 0, attested.stderr);
    assert.match(attested.stdout, /builder {4}https:\/\/example.com\/builders\/gpu/);
    const listed = await json<Listed[]>('evidence', 'list', 'assistant@1.0.0');
    assert.equal(listed.find(({ kind }) => kind === 'provenance')?.standing, 'valid');
  });

  test('is refused from a stranger, about another build, of another kind, and unsigned', async () => {
    const stranger = await attest({}, { key: 'stranger.pem', signer: ['--signer', 'builder.pub'] });
    assert.equal(stranger.code, 1);
    assert.match(stranger.stderr, /CLI_EVIDENCE_INVALID/);
    const elsewhere = { name: 'config.json', digest: { sha256: 'c'.repeat(64) } };
    const another = await attest({ subject: [elsewhere] });
    assert.equal(another.code, 1);
    assert.match(another.stderr, /another build: config\.json/);
    const ofAnotherKind = await attest({
      predicateType: 'https://slsa.dev/verification_summary/v1',
    });
    assert.match(ofAnotherKind.stderr, /CLI_EVIDENCE_INVALID/);
    const shapeless = await attest({ predicate: { buildDefinition: {} } });
    assert.match(shapeless.stderr, /REGISTRY_EVIDENCE_INVALID/);
    assert.equal((await attest({}, { key: 'builder.pem', signer: [] })).code, 4);
    writeFileSync(at('bare.json'), JSON.stringify({ predicateType: 'x', predicate }));
    const bare = ['attest', 'assistant@1.0.0', '--type', 'provenance', 'bare.json'];
    const unsigned = await run(...bare, '--signer', 'builder.pub');
    assert.match(unsigned.stderr, /REGISTRY_EVIDENCE_UNSIGNED/);
  });
});

describe('evidence', () => {
  async function scan(outcome: 'pass' | 'fail'): Promise<Envelope> {
    const row = await installation.registry.store.version('assistant', '1.0.0');
    assert.ok(row);
    return signEvidence(
      'scan',
      {
        outcome,
        scanner: { name: 'another scanner', version: '1', rulesDigest: 'd'.repeat(64) },
        filesScanned: 1,
        bytesScanned: CONFIG.length,
        findings: { critical: outcome === 'pass' ? 0 : 1, high: 0, medium: 0, low: 0 },
        reportDigest: 'e'.repeat(64),
        finishedAtMs: Date.now(),
      },
      identityOf(row),
      [installation.signer('scanner')],
    );
  }

  test('that was signed elsewhere is attached, shown as it was signed, and in the log', async () => {
    const envelope = await scan('fail');
    const digest = sha256Hex(canonicalJson({ ...envelope }));
    writeFileSync(at('scan.json'), JSON.stringify(envelope));

    const attached = await run('evidence', 'attach', 'scan.json');

    assert.equal(attached.code, 0, attached.stderr);
    const shown = await json<{ statement: { predicateType: string } }>(
      'evidence',
      'show',
      'assistant@1.0.0',
      digest.slice(0, 10),
    );
    assert.equal(shown.statement.predicateType, 'https://in-toto.io/attestation/scai/v0.3');
    const verified = await run('evidence', 'verify', 'assistant@1.0.0', '--json');
    assert.equal(verified.code, 0, verified.stdout);
    const items = JSON.parse(verified.stdout) as readonly Listed[];
    assert.ok(items.every(({ logged }) => logged === true));
    assert.deepEqual(items.find((item) => item.digest === digest)?.rules, ['scan: fail']);
  });

  test('a stranger’s is not taken, a bare statement neither', async () => {
    const row = await installation.registry.store.version('assistant', '1.0.0');
    assert.ok(row);
    const said = { secrets: [{ name: 'a', rotatedAtMs: 0 }], checkedAtMs: 0 };
    const stranger = readSignerFile(at('stranger.pem'));
    const envelope = await signEvidence('secrets', said, identityOf(row), [stranger]);
    writeFileSync(at('foreign.json'), JSON.stringify(envelope));

    assert.match((await run('evidence', 'attach', 'foreign.json')).stderr, /EVIDENCE_UNTRUSTED/);
    assert.match((await run('evidence', 'attach', 'bare.json')).stderr, /EVIDENCE_UNSIGNED/);
    assert.equal((await run('evidence', 'show', 'assistant@1.0.0', 'abc')).code, 4);
  });

  test('a version that nobody registered is not found', async () => {
    assert.equal((await run('evidence', 'list', 'other@1.0.0')).code, 0);
    assert.equal((await run('evidence', 'list', 'nobody@1.0.0')).code, 1);
  });
});

describe('revoke', () => {
  test('takes one attestation away: it stands as revoked and fails its rule', async () => {
    const before = await json<Listed[]>('evidence', 'list', 'assistant@1.0.0');
    const secrets = before.find(({ kind }) => kind === 'secrets')?.digest ?? '';
    const wish = ['--evidence', secrets.slice(0, 12), '--reason', 'the tester was careless'];

    const revoked = await run('revoke', 'assistant@1.0.0', ...wish, ...APPROVER);

    assert.equal(revoked.code, 0, revoked.stderr);
    const listed = await json<Listed[]>('evidence', 'list', 'assistant@1.0.0');
    const found = listed.find(({ digest }) => digest === secrets);
    assert.equal(found?.standing, 'revoked');
    assert.deepEqual(found.rules, ['secrets: fail']);
    const revocation = listed.find(({ kind }) => kind === 'revocation')?.digest ?? '';
    const back = ['--evidence', revocation, '--reason', 'sorry', ...APPROVER];
    assert.equal((await run('revoke', 'assistant@1.0.0', ...back)).code, 4);
  });

  test('takes a version away for good, by a key of the policy and no other', async () => {
    const stranger = ['--reason', 'because', '--key', 'stranger.pem'];
    assert.match((await run('revoke', 'assistant@1.0.0', ...stranger)).stderr, /UNTRUSTED/);
    assert.equal((await run('revoke', 'assistant@1.0.0')).code, 4, 'without a reason');

    const revoked = await run('revoke', 'assistant@1.0.0', '--reason', 'it leaks', ...APPROVER);

    assert.equal(revoked.code, 0, revoked.stderr);
    assert.match((await run('explain', 'assistant@1.0.0')).stdout, /GATE_MODEL_REVOKED/);
    assert.equal((await run('lineage', 'assistant@1.0.0')).code, 1);
    assert.equal((await run('search', '--state', 'revoked')).code, 0);
  });
});
