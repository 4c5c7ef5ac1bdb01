import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Envelope } from '@proofmark/core';
import { canonicalJson, sha256Hex } from '@proofmark/core';
import { signEvidence } from '@proofmark/registry';

import { revocationOf } from '../src/revocation.ts';
import { NOW_MS, model, signers } from './world.ts';
import type { SignerName } from './world.ts';

const subject = model();
const trusted = [signers.alice.publicKey, signers.tester.publicKey];

function revocation(by: SignerName, evidenceDigest: string | null = null): Promise<Envelope> {
  const target =
    evidenceDigest === null
      ? ({ kind: 'model' } as const)
      : ({ kind: 'evidence', evidenceDigest } as const);
  const said = { target, actor: 'alice', reason: 'poisoned data', revokedAtMs: NOW_MS };
  return signEvidence('revocation', said, subject, [signers[by]]);
}

/** A store with this evidence; `damage` changes the text that it gives back. */
function storeOf(
  envelopes: readonly Envelope[],
  damage: (text: string) => string | null = (text) => text,
): Parameters<typeof revocationOf>[0] {
  const rows = envelopes.map((envelope) => ({
    digest: sha256Hex(canonicalJson(envelope)),
    text: canonicalJson(envelope),
  }));
  return {
    evidence: (manifestDigest) =>
      Promise.resolve(
        manifestDigest !== subject.manifestDigest
          ? []
          : rows.map(({ digest }, logIndex) => ({
              digest,
              kind: 'revocation',
              manifestDigest,
              observedAtMs: NOW_MS,
              attachedAtMs: NOW_MS,
              attachedBy: 'alice',
              logIndex,
            })),
      ),
    document: (digest) => {
      const text = rows.find((row) => row.digest === digest)?.text;
      return Promise.resolve(text === undefined ? null : damage(text));
    },
  };
}

const found = (
  store: Parameters<typeof revocationOf>[0],
  manifestDigest = subject.manifestDigest,
): ReturnType<typeof revocationOf> => revocationOf(store, manifestDigest, trusted);

test('a model is revoked by any trusted key, with who and why', async () => {
  const revoked = await found(storeOf([await revocation('tester')]));

  assert.equal(revoked?.actor, 'alice');
  assert.equal(revoked.reason, 'poisoned data');
});

test('neither a stranger, nor a revocation of evidence, nor one of another model revokes it', async () => {
  assert.equal(await found(storeOf([await revocation('stranger')])), null);
  assert.equal(await found(storeOf([await revocation('alice', 'e'.repeat(64))])), null);
  assert.equal(await found(storeOf([await revocation('alice')]), 'a'.repeat(64)), null);
  assert.equal(await found(storeOf([])), null);
});

test('a stranger’s revocation before a trusted one hides it not', async () => {
  const store = storeOf([await revocation('stranger'), await revocation('alice')]);

  assert.equal((await found(store))?.actor, 'alice');
});

test('one that was removed or damaged counts: damage must not bring a model back', async () => {
  const envelopes = [await revocation('alice')];
  const damages: readonly ((text: string) => string | null)[] = [
    () => null,
    () => '',
    (text) => text.slice(0, -10),
    (text) => text.replace(/"payload":"./, '"payload":"-'),
  ];
  for (const damage of damages) {
    const revoked = await found(storeOf(envelopes, damage));

    assert.equal(revoked?.actor, null, String(damage));
    assert.match(revoked.reason, /cannot be read/);
  }
});
