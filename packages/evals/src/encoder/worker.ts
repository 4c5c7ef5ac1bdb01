/**
 * The thread that holds the runtime: takes rows of token ids, gives back rows of scores.
 *
 * It imports nothing of ours, so that a fault in the native runtime is met far from the evaluators.
 *
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';

export interface WorkerStart {
  readonly model: Uint8Array;
  readonly threads: number;
}

export interface WorkerJob {
  readonly id: number;
  /** Token ids, row after row, each row `width` long and padded with 0. */
  readonly ids: Int32Array;
  /** Tokens that count, per row. */
  readonly lengths: readonly number[];
  readonly width: number;
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unable'; readonly why: 'no runtime' | 'weights refused' }
  | { readonly kind: 'scores'; readonly id: number; readonly scores: Float32Array }
  | { readonly kind: 'failed'; readonly id: number };

/** The runtime writes to stderr by itself below this level; failures are told by replies. */
const FATAL = 4;

/** What is used of the runtime. Declared here, because types build without the package too. */
interface Session {
  run(
    feeds: Readonly<Record<string, object>>,
    options: object,
  ): Promise<Readonly<Record<string, { readonly data: unknown }>>>;
}

interface RuntimePackage {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, shape: readonly number[]) => object;
}

const PACKAGE = 'onnxruntime-node';

const reply = (message: WorkerReply): void => parentPort?.postMessage(message);

async function serve({ model, threads }: WorkerStart): Promise<void> {
  let runtime: RuntimePackage;
  try {
    runtime = (await import(PACKAGE)) as RuntimePackage;
  } catch {
    return reply({ kind: 'unable', why: 'no runtime' });
  }
  let session: Session;
  try {
    session = await runtime.InferenceSession.create(model, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: FATAL,
      // A thread that spins while it waits takes the core from whoever it waits for.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch {
    return reply({ kind: 'unable', why: 'weights refused' });
  }
  parentPort?.on('message', (job: WorkerJob) => void run(runtime, session, job));
  reply({ kind: 'ready' });
}

async function run(runtime: RuntimePackage, session: Session, job: WorkerJob): Promise<void> {
  try {
    const shape = [job.lengths.length, job.width];
    const ids = BigInt64Array.from(job.ids, BigInt);
    const mask = new BigInt64Array(ids.length);
    job.lengths.forEach((length, row) => mask.fill(1n, row * job.width, row * job.width + length));
    const feeds = {
      ids: new runtime.Tensor('int64', ids, shape),
      mask: new runtime.Tensor('int64', mask, shape),
    };
    const found = await session.run(feeds, { logSeverityLevel: FATAL });
    const data = found['scores']?.data;
    if (!(data instanceof Float32Array)) throw new TypeError('no scores');
    reply({ kind: 'scores', id: job.id, scores: data });
  } catch {
    reply({ kind: 'failed', id: job.id });
  }
}

void serve(workerData as WorkerStart);
