/**
 * Pending entries of every effect, for tests of stores.
 *
 * @module
 */
import assert from 'node:assert/strict';

import { canonicalJson, sha256Hex } from '@proofmark/core';
import type {
  ModelVersion,
  PendingEntry,
  RecordAction,
  RecordRow,
  RegistryStore,
} from '@proofmark/registry';

export interface StoreFixture {
  readonly store: RegistryStore;
  /** Opens the same data again, as another process would; absent for stores that do not last. */
  readonly reopen?: () => RegistryStore;
}

const POLICY = { digest: sha256Hex('policy'), text: 'policy' };

export const VERSIONS = [
  ['assistant', '1.0.0'],
  ['other', '1.0.0'],
  ['third', '1.0.0'],
  ['fourth', '1.0.0'],
] as const;

export function shown([name, version]: readonly [string, string]): string {
  return `${name}@${version}`;
}

export async function write(
  store: RegistryStore,
  entry: PendingEntry,
  logIndex: number,
): Promise<void> {
  await store.begin([entry]);
  await store.settle([{ digest: entry.digest, logIndex }]);
}

export async function withVersion(fixture: StoreFixture): Promise<StoreFixture> {
  await write(fixture.store, versionEntry('assistant', '1.0.0'), 0);
  return fixture;
}

export function versionOf(name: string, version: string): ModelVersion {
  return {
    name,
    version,
    omsRoot: sha256Hex(`root ${name}`),
    manifestDigest: sha256Hex(name),
    bundleDigest: sha256Hex('bundle'),
    fileCount: 3,
    totalBytes: 4096,
    registeredAtMs: 1_700_000_000_000,
    registeredBy: 'carol',
  };
}

export function versionEntry(name: string, version: string): PendingEntry {
  const facts = versionOf(name, version);
  const text = canonicalJson(facts);
  return {
    digest: sha256Hex(text),
    entryKind: 'version',
    logSizeBefore: 0,
    documents: [
      { digest: sha256Hex(text), text },
      { digest: sha256Hex('bundle'), text: 'bundle' },
    ],
    effect: { kind: 'version', version: facts },
  };
}

export function evidenceEntry(text: string, name: string): PendingEntry {
  const digest = sha256Hex(text);
  return {
    digest,
    entryKind: 'evidence',
    logSizeBefore: 0,
    documents: [{ digest, text }],
    effect: {
      kind: 'evidence',
      evidence: {
        digest,
        kind: 'scan',
        manifestDigest: sha256Hex(name),
        observedAtMs: 1,
        attachedAtMs: 2,
        attachedBy: 'scanner',
      },
    },
  };
}

export function digestOf(action: RecordAction, generation: number, alias = 'live'): string {
  return sha256Hex(`${action} ${generation} ${alias}`);
}

export function recordEntry(
  action: RecordAction,
  generation: number,
  alias = 'live',
): PendingEntry {
  const digest = digestOf(action, generation, alias);
  const record: Omit<RecordRow, 'logIndex'> = {
    digest,
    action,
    name: 'assistant',
    version: '1.0.0',
    manifestDigest: sha256Hex('assistant'),
    environment: 'production',
    alias,
    generation,
    policyDigest: POLICY.digest,
    decidedAtMs: 1_700_000_000_000 + generation,
    actor: 'carol',
  };
  return {
    digest,
    entryKind: action,
    logSizeBefore: 0,
    documents: [{ digest, text: `${action} ${generation} ${alias}` }, POLICY],
    effect: { kind: 'record', record },
  };
}

/** The denial of another model. */
export function about(name: string): Pick<PendingEntry, 'effect'> {
  const { effect } = recordEntry('denial', 1);
  assert.ok(effect.kind === 'record');
  const manifestDigest = sha256Hex(name);
  return { effect: { kind: 'record', record: { ...effect.record, name, manifestDigest } } };
}

export function plainEntry(
  text: string,
  effect: (digest: string) => PendingEntry['effect'],
): PendingEntry {
  const digest = sha256Hex(text);
  const documents = [{ digest, text }];
  return { digest, entryKind: 'test', logSizeBefore: 0, documents, effect: effect(digest) };
}

export function markEntry(
  kind: 'tag' | 'label',
  key: string,
  value: string | null,
  changedAtMs: number,
): PendingEntry {
  const change = { name: 'assistant', version: '1.0.0', kind, key, value, actor: 'carol' };
  return plainEntry(`mark ${changedAtMs}`, () => ({
    kind: 'mark',
    change: { ...change, changedAtMs },
  }));
}

export function baseEntry(base: string, baseManifestDigest: string | null): PendingEntry {
  return plainEntry(`base ${base}`, (digest) => ({
    kind: 'base',
    base: {
      digest,
      manifestDigest: sha256Hex('assistant'),
      source: baseManifestDigest === null ? 'model-card' : 'operator',
      base,
      baseManifestDigest,
      actor: 'carol',
      recordedAtMs: 1,
    },
  }));
}

export function revocationEntry(name: string): PendingEntry {
  const entry = evidenceEntry(`revocation of ${name}`, name);
  const { effect } = entry;
  assert.ok(effect.kind === 'evidence');
  return { ...entry, effect: { ...effect, evidence: { ...effect.evidence, kind: 'revocation' } } };
}

export function moveEntry(generation: number, name = 'assistant'): PendingEntry {
  return plainEntry(`move ${generation} ${name}`, (digest) => ({
    kind: 'alias',
    move: {
      digest,
      environment: 'production',
      alias: 'staging',
      name,
      version: '1.0.0',
      manifestDigest: sha256Hex(name),
      generation,
      actor: 'carol',
      reason: 'for the testers',
      movedAtMs: generation,
    },
  }));
}

export function noticeEntry(name: string): PendingEntry {
  return plainEntry(`notice ${name}`, () => ({ kind: 'notice', notice: 'trust-revocation' }));
}

export function collectionEntry(name: string): PendingEntry {
  return plainEntry(`collection ${name}`, (digest) => ({
    kind: 'collection',
    collection: {
      digest,
      planDigest: sha256Hex(name),
      fileCount: 1,
      totalBytes: 2,
      collectedAtMs: 3,
      actor: 'carol',
    },
  }));
}
