import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import type { Json, Signer } from '@proofmark/core';
import { parseStrictJson, sha256Hex } from '@proofmark/core';
import type { DecisionExport, ExportTrust } from '@proofmark/registry';
import { readExport, readExportText, verifyExport, writeExport } from '@proofmark/registry';
import { encodeEntry, memoryLock, openLog } from '@proofmark/tlog';

import {
  NOW_MS,
  ORIGIN,
  moveOf,
  openWorld,
  registerReady,
  registryError,
  signers,
} from './world.ts';

type Item = DecisionExport['evidence'][number];

const trust: ExportTrust = {
  recordKeys: [signers.registry.publicKey],
  log: { origin: ORIGIN, logKey: signers.log.publicKey },
};
const unproven = registryError('REGISTRY_EVIDENCE_UNPROVEN');

async function promoted(): Promise<{ readonly file: DecisionExport }> {
  const world = await openWorld();
  await registerReady(world);
  const { recordDigest } = await world.registry.promote(moveOf());
  return { file: await world.registry.exportDecision(recordDigest) };
}

/** The file with its first attestation changed. */
function withFirst(file: DecisionExport, change: (item: Item) => Item): DecisionExport {
  return { ...file, evidence: file.evidence.map((item, at) => (at === 0 ? change(item) : item)) };
}

test('every attestation of an export is proven to be in the log, before the decision', async () => {
  const { file } = await promoted();

  const read = readExportText(writeExport(file));

  assert.ok(read.evidence.length > 1);
  assert.equal(new Set(read.evidence.map(({ proof }) => proof)).size, read.evidence.length);
  assert.equal(verifyExport(read, trust).decision.outcome, 'allow');
});

describe('an attestation is not believed to be in the log when', () => {
  const attacks: readonly (readonly [string, (item: Item) => Item])[] = [
    ['its proof is empty', (item) => ({ ...item, proof: '' })],
    [
      'its proof is for another place',
      (item) => ({ ...item, proof: item.proof.replace(/index \d+/, 'index 0') }),
    ],
    [
      'its proof ends with a checkpoint of another size',
      (item) => ({ ...item, proof: item.proof.replace(/(\nregistry\.test\/log\n)\d+/, '$11') }),
    ],
    ['it is said to be attached by someone else', (item) => ({ ...item, by: 'a'.repeat(64) })],
    ['it is said to be attached by nobody', (item) => ({ ...item, by: null })],
  ];
  for (const [name, attack] of attacks) {
    test(name, async () => {
      const { file } = await promoted();

      assert.throws(() => verifyExport(withFirst(file, attack), trust), unproven);
    });
  }

  test('its proof was left out of the file', async () => {
    const { file } = await promoted();
    const document = parseStrictJson(writeExport(file)) as { evidence: { proof?: Json }[] };
    delete document.evidence[0]?.proof;

    assert.throws(() => readExport(document as Json), unproven);
    assert.throws(() => readExportText(`${JSON.stringify(document, null, 2)}\n`), unproven);
  });

  test('another log signed the checkpoint of its proof', async () => {
    const { file } = await promoted();
    const [proof] = await proofsOf(signers.stranger, [entryOf(present(file.evidence[0]))]);

    assert.throws(
      () =>
        verifyExport(
          withFirst(file, (item) => ({ ...item, proof: present(proof) })),
          trust,
        ),
      unproven,
    );
  });

  test('the log took it only after the decision', async () => {
    const { file } = await promoted();
    const item = present(file.evidence[0]);
    const promotion = encodeEntry({ kind: 'promotion', digest: sha256Hex(file.record.envelope) });
    const [recordProof, proof] = await proofsOf(signers.log, [promotion, entryOf(item)]);
    const backdated = {
      ...withFirst(file, () => ({ ...item, proof: present(proof) })),
      record: { ...file.record, proof: present(recordProof) },
    };

    assert.throws(
      () => verifyExport(backdated, trust),
      (error) => unproven(error) && /logged after the decision/.test(String(error)),
    );
  });
});

function entryOf({ digest, by }: Item): Uint8Array {
  return encodeEntry({ kind: 'evidence', digest, ...(by === null ? {} : { by }) });
}

/** Proofs from a log that holds just these entries. */
async function proofsOf(signer: Signer, entries: readonly Uint8Array[]): Promise<string[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'proofmark-log-'));
  const lock = memoryLock();
  const log = await openLog({ directory, origin: ORIGIN, signer, lock, clock: () => NOW_MS });
  await log.append(entries);
  return Promise.all(entries.map((_, index) => log.proof(index)));
}

function present<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}
