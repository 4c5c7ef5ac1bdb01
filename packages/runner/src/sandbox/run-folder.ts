/**
 * The folders of one running sandbox on the host: its inference socket and its egress socket.
 *
 * Layout under the run root (0700, so that no other host user reaches a socket):
 * `sandboxes/<pid>-<random>/in` (owned by the sandbox uid, writable inside) and `.../out` (ours,
 * mounted read-only, so that the sandbox can connect and cannot replace the socket).
 * `claims/<uid>` reserves host uids. Everything is removed on release; what a killed supervisor left
 * is swept by the next one.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { claimIdentity, processExists } from './identity.ts';
import type { SandboxIdentity } from './identity.ts';

export interface RunFolder {
  /** Unique among the sandboxes of this host; carries nothing of the tenant or the model. */
  readonly id: string;
  readonly identity: SandboxIdentity;
  /** Holds the socket that the server listens on. Its content is the sandbox's, hence hostile. */
  readonly inFolder: string;
  readonly outFolder: string;
  /** Opens `bytes` for reading; the file has no name any more, and the caller closes the fd. */
  content(bytes: Uint8Array | string): number;
  /** Removes the folder and the uid claim. Call when no process of the sandbox is left. */
  release(): void;
}

export function createRunFolder(runRoot: string): RunFolder {
  const sandboxes = path.join(runRoot, 'sandboxes');
  mkdirSync(sandboxes, { recursive: true, mode: 0o700 });
  chmodSync(runRoot, 0o700);
  sweep(sandboxes);
  const identity = claimIdentity(path.join(runRoot, 'claims'));
  const id = `${process.pid}-${randomBytes(8).toString('hex')}`;
  const folder = path.join(sandboxes, id);
  const inFolder = path.join(folder, 'in');
  const outFolder = path.join(folder, 'out');
  mkdirSync(inFolder, { recursive: true, mode: 0o700 });
  mkdirSync(outFolder, { mode: 0o755 });
  if (identity.kind === 'own-uid') chownSync(inFolder, identity.uid, identity.uid);
  return Object.freeze({
    id,
    identity,
    inFolder,
    outFolder,
    content: (bytes: Uint8Array | string): number => unnamedFile(folder, bytes),
    release: (): void => {
      rmSync(folder, { recursive: true, force: true });
      identity.release();
    },
  });
}

function unnamedFile(folder: string, bytes: Uint8Array | string): number {
  const file = path.join(folder, randomBytes(8).toString('hex'));
  writeFileSync(file, bytes, { flag: 'wx', mode: 0o600 });
  const fd = openSync(file, 'r');
  try {
    unlinkSync(file);
  } catch (cause) {
    closeSync(fd);
    throw cause;
  }
  return fd;
}

/** Removes folders whose supervisor is gone; its sandboxes died with it. */
function sweep(sandboxes: string): void {
  for (const name of readdirSync(sandboxes)) {
    const pid = Number.parseInt(name.split('-')[0] ?? '', 10);
    if (!processExists(pid)) {
      rmSync(path.join(sandboxes, name), { recursive: true, force: true });
    }
  }
}
