/**
 * What the registry keeps, and the promises a store must hold.
 *
 * Versions, evidence and records are append-only; an alias is the only thing that changes, and only
 * in the transaction that settles a record. Every write goes through a pending entry, so that the
 * log and the store cannot disagree after a crash:
 *
 *     begin (durable) -> append to the log (durable) -> settle (one transaction, durable)
 *
 * A pending entry left over by a crash is finished when its log entry exists, and discarded when it
 * does not (`recover` in journal.ts).
 *
 * Contract, checked by test/store-contract.ts on every implementation:
 * - `exclusive` runs one step at a time across all processes that share the store, and is released
 *   when the process that holds it dies. All writes happen inside it.
 * - `begin`, `settle` and `discard` have happened durably when they resolve, and not at all when
 *   they reject. They survive a crash of the process and a loss of power.
 * - Reads see every settled write of every process and no pending one.
 * - Returned values are frozen snapshots; lists are in the stated order.
 *
 * @module
 */
import type { EvidenceKind } from './evidence.ts';
import type { RecordAction } from './promotion-record.ts';
import type { ModelVersion } from './version.ts';

/** An envelope, bundle, policy or registration as text. Immutable, found by its digest. */
export interface StoredDocument {
  /** SHA-256 of the UTF-8 bytes of `text`. Envelopes and policies are stored as canonical JSON. */
  readonly digest: string;
  readonly text: string;
}

export interface VersionRow extends ModelVersion {
  /** Index of the registration in the log. */
  readonly logIndex: number;
}

export interface EvidenceRow {
  readonly digest: string;
  readonly kind: EvidenceKind;
  readonly manifestDigest: string;
  readonly observedAtMs: number;
  readonly attachedAtMs: number;
  readonly attachedBy: string;
  readonly logIndex: number;
}

export interface RecordRow {
  readonly digest: string;
  readonly action: RecordAction;
  readonly name: string;
  readonly version: string;
  readonly manifestDigest: string;
  readonly environment: string;
  readonly alias: string;
  /** The generation the record makes; a denial makes none and carries the one it was refused. */
  readonly generation: number;
  readonly policyDigest: string;
  readonly decidedAtMs: number;
  readonly actor: string;
  readonly logIndex: number;
}

export interface AliasRow {
  readonly environment: string;
  readonly alias: string;
  readonly name: string;
  readonly version: string;
  readonly manifestDigest: string;
  /** Moves so far, from 1. */
  readonly generation: number;
  /** The record that made this generation. */
  readonly recordDigest: string;
  readonly movedAtMs: number;
}

/** What settling an entry changes. A promotion or rollback moves its alias in the same transaction. */
export type Effect =
  | { readonly kind: 'version'; readonly version: ModelVersion }
  | { readonly kind: 'evidence'; readonly evidence: Omit<EvidenceRow, 'logIndex'> }
  | { readonly kind: 'record'; readonly record: Omit<RecordRow, 'logIndex'> };

export interface PendingEntry {
  /** Digest that the log entry carries. */
  readonly digest: string;
  /** Kind that the log entry carries. */
  readonly entryKind: string;
  /** Size of the log before the append: the entry, if it is there, is at this index or later. */
  readonly logSizeBefore: number;
  /** Documents to keep with the effect. */
  readonly documents: readonly StoredDocument[];
  readonly effect: Effect;
}

export interface RecordFilter {
  readonly name?: string;
  readonly environment?: string;
  readonly alias?: string;
  /** Only records with a smaller log index: for paging. */
  readonly before?: number;
  readonly limit: number;
}

export interface VersionFilter {
  readonly name?: string;
  /** Only versions with a smaller log index: for paging. */
  readonly before?: number;
  readonly limit: number;
}

export interface RegistryStore {
  exclusive<T>(step: () => Promise<T>): Promise<T>;

  begin(entry: PendingEntry): Promise<void>;
  /**
   * Applies the entry's effect.
   *
   * @throws {RegistryError} REGISTRY_ALIAS_MOVED when a record's generation is not the next one
   */
  settle(digest: string, logIndex: number): Promise<void>;
  discard(digest: string): Promise<void>;
  /** In the order in which they began. */
  pending(): Promise<readonly PendingEntry[]>;

  document(digest: string): Promise<string | null>;
  version(name: string, version: string): Promise<VersionRow | null>;
  /** Newest registration first. */
  versions(filter: VersionFilter): Promise<readonly VersionRow[]>;
  /** Oldest registration first. */
  versionsOf(manifestDigest: string): Promise<readonly VersionRow[]>;
  /** In the order of the log. */
  evidence(manifestDigest: string): Promise<readonly EvidenceRow[]>;
  /** Whether evidence of this digest is attached. */
  hasEvidence(digest: string): Promise<boolean>;
  record(digest: string): Promise<RecordRow | null>;
  /** Newest first. */
  records(filter: RecordFilter): Promise<readonly RecordRow[]>;
  alias(environment: string, alias: string): Promise<AliasRow | null>;
  /** By environment, then alias. */
  aliases(): Promise<readonly AliasRow[]>;
}
