/**
 * Every model that a model is made from, as far as operators pinned it.
 *
 * What a model card or configuration names is no digest, proves nothing and is not followed.
 *
 * @module
 */
import { RegistryError } from './errors.ts';
import type { RegistryStore } from './store.ts';

/** Far beyond any family; pinned bases form no circle. */
const MAX_BASES = 10_000;

/**
 * Manifest digests of the pinned bases, their bases and so on, nearest first.
 *
 * @throws {RegistryError} REGISTRY_LINEAGE_INVALID when there are more than anybody can have meant: a
 *   gate that looked at some of them only would not be one
 */
export async function pinnedBases(
  store: Pick<RegistryStore, 'bases'>,
  manifestDigest: string,
): Promise<readonly string[]> {
  const found = new Set([manifestDigest]);
  // A set is read in the order of its making, also what is added meanwhile.
  for (const digest of found) {
    for (const { baseManifestDigest } of await store.bases(digest)) {
      if (baseManifestDigest !== null) found.add(baseManifestDigest);
    }
    if (found.size <= MAX_BASES) continue;
    throw new RegistryError(
      'REGISTRY_LINEAGE_INVALID',
      `cannot judge the model: it has more than ${MAX_BASES} base models; look at its lineage`,
    );
  }
  return [...found].slice(1);
}
