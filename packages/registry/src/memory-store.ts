/**
 * A store that lives as long as the process: for tests and for checking a decision offline.
 *
 * It keeps every promise of `RegistryStore` but durability.
 *
 * @module
 */
import { aliasAfter, aliasMoved, aliasOf } from './alias.ts';
import { RegistryError } from './errors.ts';
import { revokesModel } from './predicates/revocation.ts';
import type {
  AliasFilter,
  AliasMoveRow,
  AliasRow,
  BaseRow,
  CollectionRow,
  EvidenceRow,
  MarkChange,
  Marks,
  NoticeKind,
  NoticeRow,
  PendingEntry,
  RecordFilter,
  RecordRow,
  RegistryStore,
  Settlement,
  VersionFilter,
  VersionRow,
  VersionState,
  VersionSummary,
} from './store.ts';

/** A new, empty store. */
export function memoryStore(): RegistryStore {
  return new MemoryStore();
}

class MemoryStore implements RegistryStore {
  /** Tail of the queue of exclusive steps; never rejects. */
  #tail: Promise<unknown> = Promise.resolve();
  readonly #pending = new Map<string, PendingEntry>();
  readonly #documents = new Map<string, string>();
  readonly #versions = new Map<string, VersionRow>();
  readonly #evidence = new Map<string, EvidenceRow>();
  readonly #records = new Map<string, RecordRow>();
  readonly #aliases = new Map<string, AliasRow>();
  readonly #moves: AliasMoveRow[] = [];
  readonly #marks = new Map<string, Marks>();
  readonly #bases: BaseRow[] = [];
  readonly #collections: CollectionRow[] = [];
  readonly #notices: (NoticeRow & { readonly kind: NoticeKind })[] = [];
  readonly #revoked = new Set<string>();

  exclusive<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(step);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async begin(entries: readonly PendingEntry[]): Promise<void> {
    for (const { digest } of entries) {
      if (this.#pending.has(digest)) throw unexpected(`${digest} is pending already`);
    }
    for (const entry of entries) this.#pending.set(entry.digest, structuredClone(entry));
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    const found = settlements.map(({ digest, logIndex }) => {
      const entry = this.#pending.get(digest);
      if (entry === undefined) throw unexpected(`${digest} is not pending`);
      return { entry, logIndex };
    });
    for (const { entry, logIndex } of found) {
      this.#apply(entry, logIndex);
      for (const document of entry.documents) this.#documents.set(document.digest, document.text);
      this.#pending.delete(entry.digest);
    }
  }

  async discard(digest: string): Promise<void> {
    this.#pending.delete(digest);
  }

  async pending(): Promise<readonly PendingEntry[]> {
    return [...this.#pending.values()].map((entry) => structuredClone(entry));
  }

  async document(digest: string): Promise<string | null> {
    return this.#documents.get(digest) ?? null;
  }

  async version(name: string, version: string): Promise<VersionRow | null> {
    return this.#versions.get(key(name, version)) ?? null;
  }

  async versions(filter: VersionFilter): Promise<readonly VersionRow[]> {
    return [...this.#versions.values()]
      .filter((row) => this.#matches(row, filter))
      .toSorted((a, b) => b.logIndex - a.logIndex)
      .slice(0, filter.limit);
  }

  async summaries(versions: readonly VersionRow[]): Promise<readonly VersionSummary[]> {
    return versions.map((row) =>
      Object.freeze({
        ...row,
        state: this.#stateOf(row),
        marks: this.#marksOf(row),
        aliases: this.#aliasesOf(row.manifestDigest),
      }),
    );
  }

  async versionsOf(manifestDigest: string): Promise<readonly VersionRow[]> {
    return [...this.#versions.values()]
      .filter((row) => row.manifestDigest === manifestDigest)
      .toSorted((a, b) => a.logIndex - b.logIndex);
  }

  async evidence(manifestDigest: string): Promise<readonly EvidenceRow[]> {
    return [...this.#evidence.values()]
      .filter((row) => row.manifestDigest === manifestDigest)
      .toSorted((a, b) => a.logIndex - b.logIndex);
  }

  async hasEvidence(digest: string): Promise<boolean> {
    return this.#evidence.has(digest);
  }

  async isRevoked(manifestDigest: string): Promise<boolean> {
    return this.#revoked.has(manifestDigest);
  }

  async record(digest: string): Promise<RecordRow | null> {
    return this.#records.get(digest) ?? null;
  }

  async records(filter: RecordFilter): Promise<readonly RecordRow[]> {
    return [...this.#records.values()]
      .filter((row) => filter.name === undefined || row.name === filter.name)
      .filter((row) => filter.environment === undefined || row.environment === filter.environment)
      .filter((row) => filter.alias === undefined || row.alias === filter.alias)
      .filter((row) => filter.before === undefined || row.logIndex < filter.before)
      .toSorted((a, b) => b.logIndex - a.logIndex)
      .slice(0, filter.limit);
  }

  async alias(environment: string, alias: string): Promise<AliasRow | null> {
    return this.#aliases.get(key(environment, alias)) ?? null;
  }

  async aliases(): Promise<readonly AliasRow[]> {
    return [...this.#aliases.entries()]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row);
  }

  async aliasMoves(filter: AliasFilter): Promise<readonly AliasMoveRow[]> {
    return this.#moves
      .filter((row) => row.environment === filter.environment && row.alias === filter.alias)
      .filter((row) => filter.before === undefined || row.logIndex < filter.before)
      .toSorted((a, b) => b.logIndex - a.logIndex)
      .slice(0, filter.limit);
  }

  async marks(name: string, version: string): Promise<Marks> {
    return this.#marksOf({ name, version });
  }

  async bases(manifestDigest: string): Promise<readonly BaseRow[]> {
    return this.#bases.filter((row) => row.manifestDigest === manifestDigest);
  }

  async derived(manifestDigest: string): Promise<readonly BaseRow[]> {
    return this.#bases.filter((row) => row.baseManifestDigest === manifestDigest);
  }

  async touchedSince(sinceMs: number): Promise<ReadonlySet<string>> {
    const rows = [
      ...[...this.#versions.values()].filter((row) => row.registeredAtMs >= sinceMs),
      ...[...this.#evidence.values()].filter((row) => row.attachedAtMs >= sinceMs),
      ...[...this.#records.values()].filter((row) => row.decidedAtMs >= sinceMs),
    ];
    return new Set(rows.map((row) => row.manifestDigest));
  }

  async notices(kind: NoticeKind, limit: number): Promise<readonly NoticeRow[]> {
    return this.#notices
      .filter((row) => row.kind === kind)
      .toReversed()
      .slice(0, limit)
      .map(({ digest, logIndex }) => Object.freeze({ digest, logIndex }));
  }

  async collections(): Promise<readonly CollectionRow[]> {
    return this.#collections.toReversed().slice(0, MAX_COLLECTIONS);
  }

  #apply({ digest, effect, documents }: PendingEntry, logIndex: number): void {
    switch (effect.kind) {
      case 'version': {
        const { name, version } = effect.version;
        this.#versions.set(key(name, version), Object.freeze({ ...effect.version, logIndex }));
        break;
      }
      case 'evidence':
        this.#attach({ ...effect.evidence, logIndex }, documents);
        break;
      case 'record':
        this.#applyRecord({ ...effect.record, logIndex });
        break;
      case 'alias':
        this.#move(aliasAfter(effect.move));
        this.#moves.push(Object.freeze({ ...effect.move, action: 'set', logIndex }));
        break;
      case 'mark':
        this.#mark(effect.change);
        break;
      case 'base':
        this.#bases.push(Object.freeze({ ...effect.base, logIndex }));
        break;
      case 'collection':
        this.#collections.push(Object.freeze({ ...effect.collection, logIndex }));
        break;
      case 'notice':
        this.#notices.push({ digest, logIndex, kind: effect.notice });
        break;
      case 'document':
        break;
    }
  }

  #attach(row: EvidenceRow, documents: PendingEntry['documents']): void {
    this.#evidence.set(row.digest, Object.freeze(row));
    const text = documents.find(({ digest }) => digest === row.digest)?.text;
    if (row.kind === 'revocation' && revokesModel(text)) this.#revoked.add(row.manifestDigest);
  }

  #applyRecord(record: RecordRow): void {
    if (record.action !== 'denial') {
      this.#move(aliasOf(record));
      const { action, decidedAtMs: movedAtMs, policyDigest: _, ...rest } = record;
      this.#moves.push(Object.freeze({ ...rest, action, movedAtMs, reason: null }));
    }
    this.#records.set(record.digest, Object.freeze(record));
  }

  #move(alias: AliasRow): void {
    const at = key(alias.environment, alias.alias);
    const current = this.#aliases.get(at)?.generation ?? 0;
    if (alias.generation !== current + 1) throw aliasMoved(alias, current);
    this.#aliases.set(at, Object.freeze(alias));
  }

  #mark({ name, version, kind, key: word, value }: MarkChange): void {
    const { tags, labels } = this.#marksOf({ name, version });
    const without = Object.entries(labels).filter(([known]) => known !== word);
    const next: Marks =
      kind === 'tag'
        ? { tags: [...tags.filter((t) => t !== word), ...(value === null ? [] : [word])], labels }
        : {
            tags,
            labels: Object.fromEntries(value === null ? without : [...without, [word, value]]),
          };
    this.#marks.set(key(name, version), {
      tags: next.tags.toSorted(),
      labels: Object.fromEntries(Object.entries(next.labels).toSorted(byKey)),
    });
  }

  #marksOf({ name, version }: Pick<VersionRow, 'name' | 'version'>): Marks {
    return this.#marks.get(key(name, version)) ?? { tags: [], labels: {} };
  }

  #aliasesOf(manifestDigest: string): readonly AliasRow[] {
    return [...this.#aliases.entries()]
      .toSorted(byKey)
      .map(([, row]) => row)
      .filter((row) => row.manifestDigest === manifestDigest);
  }

  #stateOf({ manifestDigest }: VersionRow): VersionState {
    if (this.#revoked.has(manifestDigest)) return 'revoked';
    if (this.#aliasesOf(manifestDigest).some((a) => this.#records.has(a.recordDigest))) {
      return 'serving';
    }
    const records = [...this.#records.values()].filter((r) => r.manifestDigest === manifestDigest);
    if (records.some((record) => record.action !== 'denial')) return 'promoted';
    return records.length > 0 ? 'denied' : 'registered';
  }

  #matches(row: VersionRow, filter: VersionFilter): boolean {
    const { name, text, digestPrefix, before, state } = filter;
    const shown = `${row.name}@${row.version}`.toLowerCase();
    return (
      (name === undefined || row.name === name) &&
      (before === undefined || row.logIndex < before) &&
      (digestPrefix === undefined || row.manifestDigest.startsWith(digestPrefix)) &&
      (text === undefined || shown.includes(text.toLowerCase())) &&
      (state === undefined || this.#stateOf(row) === state) &&
      this.#isMarked(row, filter)
    );
  }

  #isMarked(row: VersionRow, { tag, label, base }: VersionFilter): boolean {
    const { tags, labels } = this.#marksOf(row);
    const bases = this.#bases.filter((claim) => claim.manifestDigest === row.manifestDigest);
    return (
      (tag === undefined || tags.includes(tag)) &&
      (label === undefined || hasLabel(labels, label)) &&
      (base === undefined ||
        bases.some((claim) => claim.base === base || claim.baseManifestDigest === base))
    );
  }
}

const MAX_COLLECTIONS = 1000;

function hasLabel(
  labels: Marks['labels'],
  { key: word, value }: { readonly key: string; readonly value?: string },
): boolean {
  return Object.hasOwn(labels, word) && (value === undefined || labels[word] === value);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function key(first: string, second: string): string {
  return `${first}\u0000${second}`;
}

function unexpected(what: string): RegistryError {
  return new RegistryError('REGISTRY_STORE_CORRUPT', `cannot write to the registry: ${what}`);
}
