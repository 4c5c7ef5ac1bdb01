/**
 * Does something again and again, never twice at once, until it is closed.
 *
 * @module
 */

export interface Repeated {
  /** Resolves when the step in progress, if any, has ended. */
  close(): Promise<void>;
}

/** Waits `pauseMs` before each step. A step that rejects is told to `onError` and repeated. */
export function repeat(
  step: () => Promise<void>,
  pauseMs: number,
  onError: (error: unknown) => void,
): Repeated {
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    if (closed) return;
    timer = setTimeout(() => {
      running = step().catch(onError).finally(next);
    }, pauseMs);
    timer.unref();
  };
  next();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
