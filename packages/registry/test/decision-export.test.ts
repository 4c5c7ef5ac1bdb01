import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CodedError, parseStrictJson } from '@proofmark/core';
import { readExport, readExportText, verifyExport, writeExport } from '@proofmark/registry';
import type { ExportTrust } from '@proofmark/registry';

import { ORIGIN, moveOf, openWorld, registerReady, registryError, signers } from './world.ts';

const trust: ExportTrust = {
  recordKeys: [signers.registry.publicKey],
  log: { origin: ORIGIN, logKey: signers.log.publicKey },
};

test('an export file of which any byte is another one is refused', async () => {
  const world = await openWorld();
  await registerReady(world);
  const { recordDigest } = await world.registry.promote(moveOf());
  const file = await world.registry.exportDecision(recordDigest);
  const text = Buffer.from(writeExport(file));
  verifyExport(readExportText(text.toString('utf8')), trust);

  for (let at = 0; at < text.length; at += 499) {
    const changed = Buffer.from(text);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(
      () => verifyExport(readExportText(changed.toString('utf8')), trust),
      (error) => error instanceof CodedError,
      `byte ${at} of ${text.length}`,
    );
  }
});

test('what is not an export is refused', () => {
  for (const text of ['{}', '[]', '{"format":"urn:proofmark:decision-export:v2"}']) {
    assert.throws(
      () => readExport(parseStrictJson(text)),
      registryError('REGISTRY_EXPORT_INVALID'),
    );
  }
});
