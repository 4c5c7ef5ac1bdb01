/**
 * Hashes a folder into a manifest: in this thread when it is small, else over worker threads, one
 * file each.
 *
 * The limit is SHA-256 itself, about one core per file; memory stays at one megabyte per thread.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { ArtifactError } from './errors.ts';
import type { ArtifactErrorCode } from './errors.ts';
import { hashFile } from './file-hash.ts';
import type { HashReply, HashTask } from './hash-worker.ts';
import { createManifest } from './manifest.ts';
import type { Manifest, ManifestFile } from './manifest.ts';
import { walkFolder } from './walk.ts';
import type { WalkOptions, WalkedFile } from './walk.ts';

export interface HashProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface HashOptions extends WalkOptions {
  readonly onProgress?: (progress: HashProgress) => void;
  readonly signal?: AbortSignal;
  /** Threads; default one per processor, at most 8. 1 means this thread. */
  readonly threads?: number;
}

/** Below this a worker's start costs more than it saves. */
const INLINE_BYTES = 24 * 1024 * 1024;

/**
 * Hashes every file of `folder`.
 *
 * @throws {ArtifactError} those of `walkFolder` and `hashFile`, ARTIFACT_EMPTY, ARTIFACT_CANCELLED
 */
export async function hashFolder(folder: string, options: HashOptions = {}): Promise<Manifest> {
  const files = walkFolder(folder, options);
  return createManifest(await hashFiles(files, options));
}

/** Hashes listed files, in the order given. */
export async function hashFiles(
  files: readonly WalkedFile[],
  options: Pick<HashOptions, 'onProgress' | 'signal' | 'threads'> = {},
): Promise<ManifestFile[]> {
  const bytesTotal = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let bytesDone = 0;
  const onBytes = (count: number): void => {
    bytesDone += count;
    options.onProgress?.({ bytesDone, bytesTotal });
  };
  const threads = Math.min(files.length, options.threads ?? Math.min(8, availableParallelism()));
  if (threads <= 1 || bytesTotal <= INLINE_BYTES) {
    return files.map((file) => {
      throwIfCancelled(options.signal);
      return { path: file.path, ...hashFile(file.absolute, onBytes) };
    });
  }
  return hashInWorkers(files, { threads, onBytes, signal: options.signal });
}

interface PoolOptions {
  readonly threads: number;
  readonly onBytes: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function hashInWorkers(
  files: readonly WalkedFile[],
  { threads, onBytes, signal }: PoolOptions,
): Promise<ManifestFile[]> {
  // Largest first: the last thread to finish then holds a small file.
  const order = files.map((_, id) => id).toSorted((a, b) => sizeOf(files, b) - sizeOf(files, a));
  const done: ManifestFile[] = [];
  let next = 0;
  const workers = Array.from({ length: threads }, startWorker);
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let id = order[next++]; id !== undefined; id = order[next++]) {
          throwIfCancelled(signal);
          const file = files[id];
          if (file === undefined) return;
          const { sha256, sizeBytes } = await askWorker(
            worker,
            { id, file: file.absolute },
            onBytes,
          );
          done[id] = { path: file.path, sha256, sizeBytes };
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return done;
}

function sizeOf(files: readonly WalkedFile[], id: number): number {
  return files[id]?.sizeBytes ?? 0;
}

function startWorker(): Worker {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./hash-worker.${extension}`, import.meta.url), { env: {} });
}

function askWorker(
  worker: Worker,
  task: HashTask,
  onBytes: (count: number) => void,
): Promise<Extract<HashReply, { readonly kind: 'done' }>> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      worker.off('message', onReply);
      worker.off('error', onError);
      worker.off('exit', onExit);
      end();
    };
    const onReply = (reply: HashReply): void => {
      if (reply.kind === 'bytes') return onBytes(reply.count);
      if (reply.kind === 'done') return settle(() => resolve(reply));
      const code = reply.code as ArtifactErrorCode;
      return settle(() => reject(new ArtifactError(code, reply.message)));
    };
    const onError = (error: unknown): void => settle(() => reject(asError(error)));
    const onExit = (): void =>
      settle(() =>
        reject(new ArtifactError('ARTIFACT_CANCELLED', 'cannot hash: the thread ended')),
      );
    worker.on('message', onReply);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage(task);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new ArtifactError('ARTIFACT_CANCELLED', 'cannot hash the folder: it was cancelled', {
      cause: signal.reason,
    });
  }
}
