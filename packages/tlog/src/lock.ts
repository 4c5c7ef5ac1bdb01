/**
 * The lock: one small durable value, the committed checkpoint, and the right to replace it.
 *
 * The lock alone decides what the log is. Tiles are written before the commit and mean nothing
 * until it; the published `checkpoint` file follows it. So a log can only fork if its lock does.
 *
 * @module
 */

/** What a step decided: the checkpoint to commit, or null to leave it as it is. */
export interface LockStep<T> {
  readonly checkpoint: Uint8Array | null;
  readonly result: T;
}

export interface LogLock {
  /**
   * Runs `step` with the committed checkpoint (null before the first) while no other step runs, in
   * this process or another, and then commits what it returns.
   *
   * - Serialised: the next step, wherever it runs, sees what this one committed.
   * - Durable: when the promise fulfils, the checkpoint survives a crash and a loss of power.
   * - Atomic: a crash or a rejection by `step` commits nothing.
   * - A rejection after `step` fulfilled leaves open whether it was committed; the next step sees.
   * - It never retries a step: a step writes files and must run under one hold of the lock.
   */
  transact<T>(step: (committed: Uint8Array | null) => Promise<LockStep<T>>): Promise<T>;
}
