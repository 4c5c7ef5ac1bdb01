/**
 * Writes rows in batches, off the request path: bounded, and honest about what it lost.
 *
 * @module
 */

export interface BatchWriter<Row> {
  /** Never throws and never waits. */
  add(row: Row): void;
  /** Writes what is waiting; resolves after one try. */
  flush(): Promise<void>;
  /** Flushes and stops. */
  close(): Promise<void>;
  /** Rows that were lost: the queue was full, or the store refused them. */
  lost(): number;
}

export interface BatchWriterOptions<Row> {
  readonly write: (rows: readonly Row[]) => Promise<void>;
  readonly onLoss: (lost: number, why: string) => void;
  readonly intervalMs?: number;
  readonly maxQueue?: number;
}

const INTERVAL_MS = 200;
const MAX_QUEUE = 10_000;

export function createBatchWriter<Row>(options: BatchWriterOptions<Row>): BatchWriter<Row> {
  let queue: Row[] = [];
  let lost = 0;
  let writing: Promise<void> = Promise.resolve();
  const lose = (count: number, why: string): void => {
    lost += count;
    options.onLoss(count, why);
  };
  const flush = (): Promise<void> => {
    writing = writing.then(async () => {
      const rows = queue;
      queue = [];
      if (rows.length === 0) return;
      try {
        await options.write(rows);
      } catch (error) {
        lose(rows.length, error instanceof Error ? error.message : 'unknown');
      }
    });
    return writing;
  };
  const timer = setInterval(() => void flush(), options.intervalMs ?? INTERVAL_MS);
  timer.unref();
  return {
    add(row) {
      if (queue.length >= (options.maxQueue ?? MAX_QUEUE)) lose(1, 'the queue is full');
      else queue.push(row);
    },
    flush,
    lost: () => lost,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
