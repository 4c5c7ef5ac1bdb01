/**
 * Says which step of the main job runs, and how it ended.
 *
 * ```
 * [ 3/12] scan             clean: 6 files, 42 rules                0.1 s
 * ```
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

import { CliError } from '../errors.ts';
import type { Output } from '../terminal/output.ts';
import type { Progress } from '../terminal/progress.ts';

export interface Steps {
  /** Runs one step; what it returns as `said` is shown. */
  run<T>(title: string, work: (progress: Progress) => Promise<Done<T>>): Promise<T>;
}

export interface Done<T> {
  readonly value: T;
  readonly said: string;
}

const TITLE_COLUMNS = 18;
const SAID_COLUMNS = 62;

export function createSteps(output: Output, total: number): Steps {
  let count = 0;
  return {
    async run(title, work) {
      count += 1;
      const head = `[${String(count).padStart(2)}/${total}] ${title.padEnd(TITLE_COLUMNS)}`;
      const startedMs = performance.now();
      const progress = output.progress(head);
      // A line that a program can wait for, before the work begins.
      if (output.json) output.note(`${head} ...`);
      try {
        const { value, said } = await work(progress);
        progress.end();
        const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
        output.note(
          `${output.paint('dim', head.slice(0, 8))}${output.paint('bold', head.slice(8))} ${said.padEnd(SAID_COLUMNS)} ${output.paint('dim', `${seconds.padStart(6)} s`)}`,
        );
        return value;
      } catch (cause) {
        progress.end();
        output.note(`${head} ${output.paint('red', 'stopped')}`);
        if (cause instanceof CodedError) throw cause;
        throw new CliError(
          'CLI_STEP_FAILED',
          `cannot finish the step "${title}": ${String(cause)}`,
          {
            cause,
          },
        );
      }
    },
  };
}
