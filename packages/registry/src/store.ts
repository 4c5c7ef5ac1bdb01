/**
 * What the registry keeps, and the promises a store must hold.
 *
 * Versions, evidence, records, alias moves, bases and collections are append-only; aliases and the
 * marks of a version (tags, labels) are the only things that change, and only in the transaction that
 * settles a logged entry. Every write goes through a pending entry, so that the log and the store
 * cannot disagree after a crash:
 *
 *     begin (durable) -> append to the log (durable) -> settle (one transaction, durable)
 *
 * Several entries may go through these steps together; each is then found or not found by itself.
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
  /** The record, or for an alias without protection the move, that made this generation. */
  readonly recordDigest: string;
  readonly movedAtMs: number;
}

/** A move of an alias without a record. */
export interface AliasChange {
  readonly digest: string;
  readonly environment: string;
  readonly alias: string;
  readonly name: string;
  readonly version: string;
  readonly manifestDigest: string;
  /** The generation that the move makes. */
  readonly generation: number;
  readonly actor: string;
  readonly reason: string;
  readonly movedAtMs: number;
}

/** One line of an alias's history. */
export interface AliasMoveRow extends Omit<AliasChange, 'reason'> {
  readonly action: 'set' | Exclude<RecordAction, 'denial'>;
  /** Null for a record, which holds its reason signed. */
  readonly reason: string | null;
  readonly logIndex: number;
}

/** Tags and labels of a version. */
export interface Marks {
  /** Sorted. */
  readonly tags: readonly string[];
  /** Sorted by key. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface MarkChange {
  readonly name: string;
  readonly version: string;
  readonly kind: 'tag' | 'label';
  readonly key: string;
  /** A label's value, the empty text for a tag; null takes the mark away. */
  readonly value: string | null;
  readonly actor: string;
  readonly changedAtMs: number;
}

/** Where a statement about a base model comes from. */
export type BaseSource = 'operator' | 'model-card' | 'config' | 'adapter-config' | 'header';

/** What a model says, or its operator says, that it is made from. */
export interface BaseRow {
  readonly digest: string;
  readonly manifestDigest: string;
  readonly source: BaseSource;
  /** As it was written: `NAME@VERSION`, a digest, or a name of somewhere else, e.g. `acme/base`. */
  readonly base: string;
  /** Manifest digest of a registered model that the operator pinned; null: a name, unchecked. */
  readonly baseManifestDigest: string | null;
  readonly actor: string;
  readonly recordedAtMs: number;
  readonly logIndex: number;
}

/** One run of the garbage collector that removed something. */
export interface CollectionRow {
  readonly digest: string;
  readonly planDigest: string;
  readonly fileCount: number;
  readonly totalBytes: number;
  readonly collectedAtMs: number;
  readonly actor: string;
  readonly logIndex: number;
}

/** What documents that change nothing by themselves are listed as. */
export type NoticeKind = 'trust-revocation' | 'access-refused';

export interface NoticeRow {
  readonly digest: string;
  readonly logIndex: number;
}

/** What settling an entry changes. What moves an alias moves it in the same transaction. */
export type Effect =
  | { readonly kind: 'version'; readonly version: ModelVersion }
  | { readonly kind: 'evidence'; readonly evidence: Omit<EvidenceRow, 'logIndex'> }
  | { readonly kind: 'record'; readonly record: Omit<RecordRow, 'logIndex'> }
  | { readonly kind: 'alias'; readonly move: AliasChange }
  | { readonly kind: 'mark'; readonly change: MarkChange }
  | { readonly kind: 'base'; readonly base: Omit<BaseRow, 'logIndex'> }
  | { readonly kind: 'collection'; readonly collection: Omit<CollectionRow, 'logIndex'> }
  /** Lists its document under what it is. */
  | { readonly kind: 'notice'; readonly notice: NoticeKind }
  /** Keeps its documents, and changes nothing else. */
  | { readonly kind: 'document' };

/** Where the log holds a pending entry. */
export interface Settlement {
  readonly digest: string;
  readonly logIndex: number;
}

export interface PendingEntry {
  /** Digest that the log entry carries. */
  readonly digest: string;
  /** Kind that the log entry carries. */
  readonly entryKind: string;
  /** Digest of the document that says who wrote it, where the logged document does not. */
  readonly by?: string;
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

/**
 * How far a version has come; the first that holds:
 * `revoked` a revocation of the model is attached, `serving` an alias that a record moved points to it,
 * `promoted` a promotion or rollback once put it on an alias, `denied` only denials are recorded,
 * `registered` none of these.
 */
export type VersionState = 'revoked' | 'serving' | 'promoted' | 'denied' | 'registered';

export interface VersionFilter {
  /** Exactly this model. */
  readonly name?: string;
  /** Contained in `NAME@VERSION`; without regard to case. */
  readonly text?: string;
  readonly tag?: string;
  /** `value` undefined: whatever its value. */
  readonly label?: { readonly key: string; readonly value?: string };
  /** The first characters of the manifest digest. */
  readonly digestPrefix?: string;
  /** Name or manifest digest of a base model, as it was declared or pinned. */
  readonly base?: string;
  readonly state?: VersionState;
  /** Only versions with a smaller log index: for paging. */
  readonly before?: number;
  readonly limit: number;
}

/** A version with everything a list shows about it. */
export interface VersionSummary extends VersionRow {
  readonly state: VersionState;
  readonly marks: Marks;
  /** Aliases that point to its manifest. */
  readonly aliases: readonly AliasRow[];
}

export interface AliasFilter {
  readonly environment: string;
  readonly alias: string;
  /** Only moves with a smaller log index: for paging. */
  readonly before?: number;
  readonly limit: number;
}

export interface RegistryStore {
  exclusive<T>(step: () => Promise<T>): Promise<T>;

  /** All of them, or none. */
  begin(entries: readonly PendingEntry[]): Promise<void>;
  /**
   * Applies the effects of the entries, in one transaction.
   *
   * @throws {RegistryError} REGISTRY_ALIAS_MOVED when the generation of a move is not the next one
   */
  settle(settlements: readonly Settlement[]): Promise<void>;
  discard(digest: string): Promise<void>;
  /** In the order in which they began. */
  pending(): Promise<readonly PendingEntry[]>;

  document(digest: string): Promise<string | null>;
  version(name: string, version: string): Promise<VersionRow | null>;
  /** Newest registration first. */
  versions(filter: VersionFilter): Promise<readonly VersionRow[]>;
  /** What a list shows about these versions, in their order. */
  summaries(versions: readonly VersionRow[]): Promise<readonly VersionSummary[]>;
  /** Oldest registration first. */
  versionsOf(manifestDigest: string): Promise<readonly VersionRow[]>;
  /** In the order of the log. */
  evidence(manifestDigest: string): Promise<readonly EvidenceRow[]>;
  /** Whether evidence of this digest is attached. */
  hasEvidence(digest: string): Promise<boolean>;
  /** Whether a revocation of the model itself is attached. */
  isRevoked(manifestDigest: string): Promise<boolean>;
  record(digest: string): Promise<RecordRow | null>;
  /** Newest first. */
  records(filter: RecordFilter): Promise<readonly RecordRow[]>;
  alias(environment: string, alias: string): Promise<AliasRow | null>;
  /** By environment, then alias. */
  aliases(): Promise<readonly AliasRow[]>;
  /** Every move of an alias, by record or without one, newest first. */
  aliasMoves(filter: AliasFilter): Promise<readonly AliasMoveRow[]>;
  /** Tags and labels of a version; empty when it has none. */
  marks(name: string, version: string): Promise<Marks>;
  /** What a model is made from, in the order of the log. */
  bases(manifestDigest: string): Promise<readonly BaseRow[]>;
  /** What is made from a model: by its digest, in the order of the log. */
  derived(manifestDigest: string): Promise<readonly BaseRow[]>;
  /** Manifests with evidence attached, a record made or a registration from `sinceMs` on. */
  touchedSince(sinceMs: number): Promise<ReadonlySet<string>>;
  /** Newest first. */
  notices(kind: NoticeKind, limit: number): Promise<readonly NoticeRow[]>;
  /** Newest first, at most 1000. */
  collections(): Promise<readonly CollectionRow[]>;
}
