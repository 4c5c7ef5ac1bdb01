/**
 * The sealed files of a signed statement: opened once, hashed through the same descriptors.
 *
 * @module
 */
import { createManifest } from '@proofmark/artifact';
import type {
  Manifest,
  ManifestFile,
  SealedFile,
  SealedStore,
  VerifiedSignature,
} from '@proofmark/artifact';

import { RunnerError } from './errors.ts';
import { fileState, hashDescriptor } from './integrity.ts';
import type { VerifiedFile } from './serve.ts';

/** Each file takes a descriptor of the launcher and of bubblewrap. */
const MAX_FILES = 900;

/** Opens every file that the statement lists; all or none. */
export function openSealed(
  { statement }: VerifiedSignature,
  store: Pick<SealedStore, 'open'>,
): SealedFile[] {
  if (statement.resources.length > MAX_FILES) {
    throw new RunnerError(
      'RUNNER_NOT_ADMITTED',
      `cannot admit the model: it has ${statement.resources.length} files and at most ${MAX_FILES} can be mounted; pack it into fewer files`,
    );
  }
  const opened: SealedFile[] = [];
  try {
    for (const { sha256 } of statement.resources) opened.push(store.open(sha256));
    return opened;
  } catch (cause) {
    closeAll(opened);
    throw cause;
  }
}

/** Reads every byte once more, through the descriptors that will be mounted. */
export async function hashSealed(
  { statement }: VerifiedSignature,
  opened: readonly SealedFile[],
): Promise<{ readonly manifest: Manifest; readonly files: readonly VerifiedFile[] }> {
  const files: VerifiedFile[] = [];
  const listed: ManifestFile[] = [];
  for (const [i, { path }] of statement.resources.entries()) {
    const sealed = opened[i];
    if (sealed === undefined) continue;
    // Before the hash: a change during it shows as drift afterwards.
    const state = fileState(sealed.fd);
    const sha256 = await hashDescriptor(sealed.fd);
    files.push({ path, fd: sealed.fd, sha256, state });
    listed.push({ path, sizeBytes: Number(state.sizeBytes), sha256 });
  }
  return { manifest: createManifest(listed), files };
}

export function closeAll(opened: SealedFile[]): void {
  for (const sealed of opened.splice(0)) sealed.close();
}
