/**
 * What a move makes of an alias, how a move that comes too late is refused, and whether an alias is
 * where its newest move put it.
 *
 * @module
 */
import { RegistryError } from './errors.ts';
import type { AliasChange, AliasMoveRow, AliasRow, RecordRow, RegistryStore } from './store.ts';

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

/** The alias as a move without a record leaves it. */
export function aliasAfter(move: Omit<AliasChange, 'actor' | 'reason'>): AliasRow {
  const { environment, alias, name, version, manifestDigest, generation, movedAtMs } = move;
  const recordDigest = move.digest;
  return { environment, alias, name, version, manifestDigest, generation, recordDigest, movedAtMs };
}

type Moves = Pick<RegistryStore, 'alias' | 'aliasMoves'>;

/**
 * The alias, for whoever serves what it points to. An alias that was set back by hand to a record of
 * its own past would verify in every other way.
 *
 * @returns null when there is no such alias
 * @throws {RegistryError} REGISTRY_STORE_CORRUPT when it is not where its newest move put it
 */
export async function aliasAsMoved(
  store: Moves,
  environment: string,
  alias: string,
): Promise<AliasRow | null> {
  // A move by another process may come between the two reads: then the second look agrees.
  for (let look = 0; look < 2; look += 1) {
    const row = await store.alias(environment, alias);
    if (row === null) return null;
    const newest = await newestMove(store, row);
    if (newest !== null && pointsThere(row, newest)) return row;
  }
  throw new RegistryError(
    'REGISTRY_STORE_CORRUPT',
    `cannot trust ${environment}/${alias}: it does not point where its newest move put it; somebody changed the database: restore it from a backup, and find out who`,
  );
}

/** The move that made the generation in which the alias should be. */
export async function newestMove(
  store: Pick<Moves, 'aliasMoves'>,
  { environment, alias }: Pick<AliasRow, 'environment' | 'alias'>,
): Promise<AliasMoveRow | null> {
  return (await store.aliasMoves({ environment, alias, limit: 1 }))[0] ?? null;
}

export function pointsThere(row: AliasRow, move: AliasMoveRow): boolean {
  return (
    row.recordDigest === move.digest &&
    row.generation === move.generation &&
    row.manifestDigest === move.manifestDigest &&
    row.name === move.name &&
    row.version === move.version
  );
}
