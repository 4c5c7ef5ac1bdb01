/**
 * A store that lives as long as the process: for tests and for checking a decision offline.
 *
 * It keeps every promise of `RegistryStore` but durability.
 *
 * @module
 */
import { RegistryError } from './errors.ts';
import type {
  AliasRow,
  EvidenceRow,
  PendingEntry,
  RecordFilter,
  RecordRow,
  RegistryStore,
  VersionFilter,
  VersionRow,
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

  exclusive<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(step);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async begin(entry: PendingEntry): Promise<void> {
    if (this.#pending.has(entry.digest)) throw unexpected(`${entry.digest} is pending already`);
    this.#pending.set(entry.digest, structuredClone(entry));
  }

  async settle(digest: string, logIndex: number): Promise<void> {
    const entry = this.#pending.get(digest);
    if (entry === undefined) throw unexpected(`${digest} is not pending`);
    const { effect } = entry;
    switch (effect.kind) {
      case 'version': {
        const { name, version } = effect.version;
        this.#versions.set(key(name, version), Object.freeze({ ...effect.version, logIndex }));
        break;
      }
      case 'evidence':
        this.#evidence.set(digest, Object.freeze({ ...effect.evidence, logIndex }));
        break;
      case 'record':
        this.#move({ ...effect.record, logIndex });
        this.#records.set(digest, Object.freeze({ ...effect.record, logIndex }));
        break;
    }
    for (const document of entry.documents) this.#documents.set(document.digest, document.text);
    this.#pending.delete(digest);
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
      .filter((row) => filter.name === undefined || row.name === filter.name)
      .filter((row) => filter.before === undefined || row.logIndex < filter.before)
      .toSorted((a, b) => b.logIndex - a.logIndex)
      .slice(0, filter.limit);
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

  #move(record: RecordRow): void {
    if (record.action === 'denial') return;
    const at = key(record.environment, record.alias);
    const current = this.#aliases.get(at)?.generation ?? 0;
    if (record.generation !== current + 1) throw aliasMoved(record, current);
    this.#aliases.set(at, Object.freeze(aliasOf(record)));
  }
}

/** The alias as a promotion or rollback record leaves it. */
export function aliasOf(record: Omit<RecordRow, 'logIndex'>): AliasRow {
  return {
    environment: record.environment,
    alias: record.alias,
    name: record.name,
    version: record.version,
    manifestDigest: record.manifestDigest,
    generation: record.generation,
    recordDigest: record.digest,
    movedAtMs: record.decidedAtMs,
  };
}

/** The refusal of a record that was made for another state of its alias. */
export function aliasMoved(
  record: Pick<RecordRow, 'environment' | 'alias' | 'generation'>,
  current: number,
): RegistryError {
  return new RegistryError(
    'REGISTRY_ALIAS_MOVED',
    `cannot move ${record.environment}/${record.alias} to generation ${record.generation}: it is at generation ${current}; read it again and decide again`,
    { details: { generation: current } },
  );
}

function key(first: string, second: string): string {
  return `${first}\u0000${second}`;
}

function unexpected(what: string): RegistryError {
  return new RegistryError('REGISTRY_STORE_CORRUPT', `cannot write to the registry: ${what}`);
}
