/**
 * A lock in memory, for tests, benchmarks and logs that need not outlive the process.
 *
 * It serialises steps within one process and forgets everything when the process ends: it is not
 * durable, so it must not guard a log that anyone else relies on.
 *
 * @module
 */
import type { LockStep, LogLock } from './lock.ts';

/** A lock that begins with `committed`. */
export function memoryLock(committed: Uint8Array | null = null): LogLock {
  let current = committed;
  // The tail of the queue; never rejects, so one failed step does not fail the next.
  let tail: Promise<void> = Promise.resolve();

  return {
    transact<T>(step: (committed: Uint8Array | null) => Promise<LockStep<T>>): Promise<T> {
      const turn = tail.then(async () => {
        const { checkpoint, result } = await step(current);
        if (checkpoint !== null) current = checkpoint;
        return result;
      });
      tail = turn.then(
        () => undefined,
        () => undefined,
      );
      return turn;
    },
  };
}
