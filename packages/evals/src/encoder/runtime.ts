/**
 * One worker thread with the runtime in it, and the queue in front of it.
 *
 * The thread starts with the first job and ends with `close` or with the process, which it does not
 * keep alive. Jobs wait in a bounded queue and run one at a time: the runtime uses the cores itself.
 * A thread that dies takes its job with it and the next job starts a new one, until it has died
 * `MAX_DEATHS` times in a row. Every way to fail is a coded rejection; there is no default score.
 *
 * @module
 */
import { Worker } from 'node:worker_threads';

import { EvalsError } from '../errors.ts';
import type { WorkerJob, WorkerReply, WorkerStart } from './worker.ts';

export type Rows = Omit<WorkerJob, 'id'>;

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /** Time from asking to answer, waiting included, milliseconds. */
  readonly timeoutMs: number;
}

export interface Runtime {
  /**
   * Scores, row after row.
   *
   * @throws {EvalsError} EVALS_ENCODER_MISSING, EVALS_ENCODER_FAILED, EVALS_ENCODER_BUSY,
   *   EVALS_TIMEOUT, EVALS_ABORTED
   */
  run(rows: Rows, options: RunOptions): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly threads: number;
  /** Jobs that may wait. Default 256. */
  readonly maxQueue?: number;
}

interface Job {
  readonly rows: Rows;
  readonly id: number;
  readonly resolve: (scores: Float32Array) => void;
  readonly reject: (error: EvalsError) => void;
}

const MAX_DEATHS = 3;
const DEFAULT_QUEUE = 256;

/** @param model the verified weights; loaded with the first job */
export function createRuntime(model: Uint8Array, options: RuntimeOptions): Runtime {
  return new WorkerRuntime(model, options);
}

class WorkerRuntime implements Runtime {
  readonly #start: WorkerStart;
  readonly #maxQueue: number;
  readonly #waiting: Job[] = [];
  #worker: Worker | undefined;
  #ready = false;
  #running: Job | undefined;
  #deaths = 0;
  #broken: EvalsError | undefined;
  #nextId = 1;

  constructor(model: Uint8Array, { threads, maxQueue }: RuntimeOptions) {
    this.#start = { model, threads };
    this.#maxQueue = maxQueue ?? DEFAULT_QUEUE;
  }

  async run(rows: Rows, { signal, timeoutMs }: RunOptions): Promise<Float32Array> {
    if (this.#broken !== undefined) throw this.#broken;
    if (signal?.aborted === true) throw aborted();
    if (this.#waiting.length >= this.#maxQueue) {
      throw new EvalsError(
        'EVALS_ENCODER_BUSY',
        `cannot evaluate: ${this.#maxQueue} texts wait for the encoder already`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
    const job: Job = { rows, id: this.#nextId++, resolve, reject };
    const late = setTimeout(() => this.#abandon(job, timedOut(timeoutMs)), timeoutMs);
    const onAbort = (): void => this.#abandon(job, aborted());
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(job);
    this.#advance();
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#broken = failed('it was closed');
    this.#fail(this.#broken);
    await worker?.terminate();
  }

  /** A waiting job leaves the queue; a running one is answered now, and its scores are dropped. */
  #abandon(job: Job, error: EvalsError): void {
    const at = this.#waiting.indexOf(job);
    if (at >= 0) this.#waiting.splice(at, 1);
    job.reject(error);
  }

  #advance(): void {
    if (this.#running !== undefined) return;
    const worker = this.#worker ?? this.#startWorker();
    if (!this.#ready) return;
    const job = this.#waiting.shift();
    if (job === undefined) return worker.unref();
    this.#running = job;
    worker.ref();
    const { ids, lengths, width } = job.rows;
    worker.postMessage({ id: job.id, ids, lengths, width } satisfies WorkerJob);
  }

  #startWorker(): Worker {
    const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./worker.${extension}`, import.meta.url), {
      env: {},
      workerData: this.#start,
    });
    this.#worker = worker;
    worker.on('message', (message: WorkerReply) => this.#hear(message));
    worker.on('error', () => undefined); // `exit` follows and says it once
    worker.on('exit', () => this.#bury(worker));
    return worker;
  }

  #hear(message: WorkerReply): void {
    if (message.kind === 'ready') {
      this.#ready = true;
    } else if (message.kind === 'unable') {
      const missing = message.why === 'no runtime';
      this.#broken = missing ? runtimeMissing() : failed('the runtime refused the weights');
      void this.#worker?.terminate();
      return this.#fail(this.#broken);
    } else {
      const job = this.#running;
      this.#running = undefined;
      this.#deaths = 0;
      if (message.kind === 'scores') job?.resolve(message.scores);
      else job?.reject(failed('the runtime could not score the text'));
    }
    this.#advance();
  }

  #bury(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#deaths += 1;
    if (this.#deaths >= MAX_DEATHS) this.#broken = failed(`its thread died ${MAX_DEATHS} times`);
    this.#fail(failed('its thread ended'));
  }

  /** Nobody waits for ever: whatever was asked is answered with `error`, and the thread is forgotten. */
  #fail(error: EvalsError): void {
    const jobs = [this.#running, ...this.#waiting.splice(0)];
    this.#worker = undefined;
    this.#ready = false;
    this.#running = undefined;
    for (const job of jobs) job?.reject(error);
  }
}

function aborted(): EvalsError {
  return new EvalsError('EVALS_ABORTED', 'the evaluation was aborted by its caller');
}

function timedOut(timeoutMs: number): EvalsError {
  const limit = Math.round(timeoutMs);
  return new EvalsError('EVALS_TIMEOUT', `the encoder did not answer within ${limit} ms`);
}

function runtimeMissing(): EvalsError {
  return new EvalsError(
    'EVALS_ENCODER_MISSING',
    'cannot use tier full: the optional package `onnxruntime-node` is not installed or does not load here; install it or use tier fast',
  );
}

function failed(why: string): EvalsError {
  return new EvalsError('EVALS_ENCODER_FAILED', `the encoder failed: ${why}`);
}
