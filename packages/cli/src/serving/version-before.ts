/**
 * Where a rollback would most likely go: the version that an alias pointed to before.
 *
 * @module
 */
import type { AliasMoveRow } from '@proofmark/registry';

/**
 * The newest of `moves` (newest first) that put another model on the alias, or null: when there is
 * none, and when it was set without a record, because nothing could admit it.
 */
export function versionBefore(
  moves: readonly AliasMoveRow[],
  servedManifest: string,
): AliasMoveRow | null {
  const before = moves.find(({ manifestDigest }) => manifestDigest !== servedManifest);
  return before === undefined || before.action === 'set' ? null : before;
}
