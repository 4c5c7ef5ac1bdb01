/**
 * Storage and locks that fail, or end the process, at a chosen step: decorators of the real ones.
 *
 * @module
 */
import type { LockStep, LogLock } from '../src/lock.ts';
import type { LogStorage } from '../src/storage.ts';

/** Told before and after each step; throws or ends the process to make it fail there. */
export interface StepHook {
  before(step: string): void;
  after(step: string): void;
}

/** Storage that does one file at a time and asks the hook around each. */
export function steppedStorage(storage: LogStorage, hook: StepHook): LogStorage {
  const around = async (step: string, act: () => Promise<void>): Promise<void> => {
    hook.before(step);
    await act();
    hook.after(step);
  };
  return {
    read: (path, maxBytes) => storage.read(path, maxBytes),
    async write(files) {
      for (const file of files) await around(`write ${file.path}`, () => storage.write([file]));
    },
    removeFolder: (path) => around(`remove ${path}`, () => storage.removeFolder(path)),
  };
}

/** A lock that asks the hook around each commit: before is not committed, after is. */
export function steppedLock(lock: LogLock, hook: StepHook): LogLock {
  return {
    async transact<T>(step: (committed: Uint8Array | null) => Promise<LockStep<T>>): Promise<T> {
      let commits = false;
      const result = await lock.transact(async (committed) => {
        const done = await step(committed);
        commits = done.checkpoint !== null;
        if (commits) hook.before('commit');
        return done;
      });
      if (commits) hook.after('commit');
      return result;
    },
  };
}

/** Fails once, at step `at` (counted from 0) of the steps seen since it was armed. */
export class OneFault implements StepHook {
  readonly seen: string[] = [];
  #at = -1;
  #when: 'before' | 'after' = 'before';
  #hit: string | null = null;

  arm(at: number, when: 'before' | 'after'): void {
    this.seen.length = 0;
    this.#at = at;
    this.#when = when;
    this.#hit = null;
  }

  /** The step that failed, or null. */
  get hit(): string | null {
    return this.#hit;
  }

  before(step: string): void {
    this.seen.push(step);
    this.#fail('before', step);
  }

  after(step: string): void {
    this.#fail('after', step);
  }

  #fail(when: 'before' | 'after', step: string): void {
    if (this.#hit !== null || this.#when !== when || this.seen.length - 1 !== this.#at) return;
    this.#hit = step;
    throw new Error(`a fault ${when} "${step}"`);
  }
}
