import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import { encodeEntry } from '@proofmark/tlog';

import { audit } from '../src/audit.ts';
import { aliasAsMoved, recordLog } from '@proofmark/registry';
import type { RegistryStore } from '@proofmark/registry';
import { moveOf, openWorld, registerReady, withReads } from './world.ts';
import type { World } from './world.ts';

async function world(): Promise<World> {
  const opened = await openWorld();
  await registerReady(opened);
  await opened.registry.promote(moveOf());
  return opened;
}

/** The store as it is after somebody changed one document. */
function tampered(store: RegistryStore, digest: string, text: string | null): RegistryStore {
  return withReads(store, {
    document: async (asked) => (asked === digest ? text : store.document(asked)),
  });
}

describe('the audit', () => {
  test('finds nothing in a registry that nobody touched', async () => {
    const { registry } = await world();

    // One version, three checks, one approval, one promotion.
    assert.deepEqual(await registry.audit(), { compared: 6, findings: [] });
  });

  test('finds a removed attestation and an altered record from the log', async () => {
    const { store, log } = await world();
    const [evidence] = await store.records({ limit: 1 });
    const digest = evidence?.digest ?? '';

    for (const [text, problem] of [
      [null, 'missing'],
      ['{}', 'altered'],
    ] as const) {
      const { findings } = await audit(tampered(store, digest, text), recordLog(log));

      assert.deepEqual(findings, [{ logIndex: 5, entryKind: 'promotion', digest, problem }]);
    }
  });

  test('finds an attestation and a record that are kept but listed no more', async () => {
    const { store, log } = await world();
    const [record] = await store.records({ limit: 1 });
    const manifest = record?.manifestDigest ?? '';
    const [first, ...others] = await store.evidence(manifest);
    assert.ok(first !== undefined && record !== undefined);
    const relabelled = { ...first, kind: 'bom' as const };
    for (const [change, found] of [
      [{ evidence: async () => others }, first],
      [{ evidence: async () => [relabelled, ...others] }, first],
      [{ record: async () => null }, record],
    ] as const) {
      const { findings } = await audit(withReads(store, change), recordLog(log));

      assert.deepEqual(
        findings.map(({ digest, problem }) => [digest, problem]),
        [[found.digest, 'unlisted']],
      );
    }
  });

  test('finds an alias that was moved by hand, and nobody may serve what it points to', async () => {
    const { store, log } = await world();
    const [row] = await store.aliases();
    assert.ok(row !== undefined);
    for (const wrong of [
      { ...row, recordDigest: sha256Hex('an older record') },
      { ...row, manifestDigest: sha256Hex('another model') },
      { ...row, generation: 2 },
      { ...row, version: '0.9.0' },
    ]) {
      const forged = withReads(store, { aliases: async () => [wrong], alias: async () => wrong });

      const { findings } = await audit(forged, recordLog(log));

      assert.deepEqual(
        findings.map(({ entryKind, problem }) => [entryKind, problem]),
        [['alias', 'displaced']],
      );
      await assert.rejects(aliasAsMoved(forged, row.environment, row.alias), {
        code: 'REGISTRY_STORE_CORRUPT',
      });
    }
    assert.deepEqual(await aliasAsMoved(store, row.environment, row.alias), row);
    const unmoved = withReads(store, { aliasMoves: async () => [] });
    assert.equal((await audit(unmoved, recordLog(log))).findings[0]?.logIndex, null);
  });

  test('finds an entry of our kinds that no document belongs to', async () => {
    const { registry, log } = await world();
    const digest = sha256Hex('forged');
    await log.append([encodeEntry({ kind: 'promotion', digest })]);

    const { findings } = await registry.audit();

    assert.deepEqual(
      findings.map((f) => [f.logIndex, f.problem]),
      [[6, 'missing']],
    );
  });

  test('passes over what others log, and starts where it is told', async () => {
    const { registry, log } = await world();
    const receipts = Array.from({ length: 1500 }, (_, i) =>
      encodeEntry({ kind: 'receipt', digest: sha256Hex(String(i)) }),
    );
    await log.append(receipts);

    assert.deepEqual(await registry.audit(5), { compared: 1, findings: [] });
  });
});
