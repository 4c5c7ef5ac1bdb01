import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import { encodeEntry } from '@proofmark/tlog';

import { audit } from '../src/audit.ts';
import { recordLog } from '@proofmark/registry';
import type { RegistryStore } from '@proofmark/registry';
import { moveOf, openWorld, registerReady } from './world.ts';
import type { World } from './world.ts';

async function world(): Promise<World> {
  const opened = await openWorld();
  await registerReady(opened);
  await opened.registry.promote(moveOf());
  return opened;
}

/** The store as it is after somebody changed one document. */
function tampered(store: RegistryStore, digest: string, text: string | null): RegistryStore {
  return new Proxy(store, {
    get: (target, name) =>
      name === 'document'
        ? async (asked: string) => (asked === digest ? text : target.document(asked))
        : Reflect.get(target, name),
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
