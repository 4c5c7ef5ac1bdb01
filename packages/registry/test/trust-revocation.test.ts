import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Envelope } from '@proofmark/core';
import { sha256Hex } from '@proofmark/core';
import type { RegistryStore, TrustRevocation } from '@proofmark/registry';
import {
  keyring,
  readTrustRevocation,
  revokedTrust,
  signTrustRevocation,
  writerOf,
} from '@proofmark/registry';

import { NOW_MS, openWorld, registryError, signers, smallPolicy } from './world.ts';
import type { SignerName } from './world.ts';

const trusted = keyring(smallPolicy());
const STOLEN = signers.release.publicKey.keyId;
const RECORD = sha256Hex('a record');

function revocation(
  target: TrustRevocation['target'],
  signer: SignerName = 'alice',
): Promise<Envelope> {
  const said = { target, actor: 'alice', reason: 'a laptop was stolen', revokedAtMs: NOW_MS };
  return signTrustRevocation(said, signers[signer]);
}

describe('a revoked key or record', () => {
  test('is known to whoever trusts one of its signers, from the moment it is logged', async () => {
    const { registry, store, log } = await openWorld();
    await registry.revokeTrust(await revocation({ kind: 'key', digest: STOLEN }));
    const index = await registry.revokeTrust(await revocation({ kind: 'record', digest: RECORD }));

    const { keyIds, recordDigests } = await revokedTrust(store, trusted);
    const strangers = await revokedTrust(store, [signers.stranger.publicKey]);

    assert.deepEqual([[...keyIds], [...recordDigests]], [[STOLEN], [RECORD]]);
    assert.equal(log.status().size, index + 1);
    assert.equal(strangers.keyIds.size + strangers.recordDigests.size, 0);
    assert.deepEqual((await registry.audit()).findings, []);
    const [newest] = await store.notices('trust-revocation', 1);
    const entry = { kind: 'trust-revocation', digest: newest?.digest ?? '' };
    assert.equal(await writerOf(store, entry), 'alice');
  });

  test('is logged once, however often it is said in the same words', async () => {
    const { registry, log } = await openWorld();
    const said = await revocation({ kind: 'key', digest: STOLEN });

    const first = await registry.revokeTrust(said);
    const again = await registry.revokeTrust(said);

    assert.equal(again, first);
    assert.equal(log.status().size, first + 1);
  });

  test('is not taken from a stranger, nor as a document of another type', async () => {
    const { registry } = await openWorld();
    const foreign = await revocation({ kind: 'key', digest: STOLEN }, 'stranger');
    const altered = { ...(await revocation({ kind: 'key', digest: STOLEN })), payloadType: 'x/y' };

    for (const envelope of [foreign, altered]) {
      await assert.rejects(
        registry.revokeTrust(envelope),
        registryError('REGISTRY_EVIDENCE_UNTRUSTED'),
      );
    }
  });

  test('stops every admission when what it said cannot be read any more', async () => {
    const { registry, store } = await openWorld();
    await registry.revokeTrust(await revocation({ kind: 'key', digest: STOLEN }));
    for (const text of [null, '{}']) {
      const damaged: Pick<RegistryStore, 'notices' | 'document'> = {
        notices: (kind, limit) => store.notices(kind, limit),
        document: async () => text,
      };

      await assert.rejects(revokedTrust(damaged, trusted), registryError('REGISTRY_STORE_CORRUPT'));
    }
  });

  test('reads back as it was said', async () => {
    const said = readTrustRevocation(await revocation({ kind: 'record', digest: RECORD }), trusted);

    assert.deepEqual(said, {
      target: { kind: 'record', digest: RECORD },
      actor: 'alice',
      reason: 'a laptop was stolen',
      revokedAtMs: NOW_MS,
    });
  });
});
