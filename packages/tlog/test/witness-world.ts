/**
 * A log and a witness for tests: submissions from one size to another.
 *
 * @module
 */
import type { Signer } from '@proofmark/core';

import { formatAddCheckpoint } from '../src/add-checkpoint.ts';
import { logNoteKey, signCheckpoint } from '../src/checkpoint.ts';
import { leafHash } from '../src/merkle/hash.ts';
import { consistencyElements, foldSubtrees } from '../src/merkle/proof.ts';
import type { NoteKey } from '../src/note-key.ts';
import { createWitness } from '../src/witness.ts';
import type { Witness } from '../src/witness.ts';
import type { WitnessStore } from '../src/witness-store.ts';
import { NOW_MS, ORIGIN, definitionRoot, testEntries, testSigner } from './world.ts';

const entries = testEntries(64);

export const logSigner: Signer = testSigner('log');
export const logKey: NoteKey = logNoteKey(ORIGIN, logSigner.publicKey);

export function testWitness(store: WitnessStore, name = 'w1'): Witness {
  return createWitness({
    name: `witness.example/${name}`,
    signer: testSigner(name),
    logs: [logKey],
    store,
    clock: () => NOW_MS,
  });
}

/** The signed checkpoint of the first `size` test entries. */
export function checkpointOf(size: number): Promise<Uint8Array> {
  const root = definitionRoot(entries.slice(0, size));
  return signCheckpoint({ origin: ORIGIN, size, root }, logSigner);
}

export function proofOf(oldSize: number, size: number): readonly Uint8Array[] {
  return consistencyElements(oldSize, size).map((nodes) =>
    foldSubtrees(
      nodes.map(({ level, index }) =>
        level === 0
          ? leafHash(entries[index] ?? new Uint8Array(0))
          : definitionRoot(entries.slice(index * 2 ** level, (index + 1) * 2 ** level)),
      ),
    ),
  );
}

/** The body that submits `size` after `oldSize`. */
export async function submission(oldSize: number, size: number): Promise<Uint8Array> {
  return formatAddCheckpoint({
    oldSize,
    proof: proofOf(oldSize, size),
    checkpoint: await checkpointOf(size),
  });
}
