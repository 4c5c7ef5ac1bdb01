/**
 * What a command may use of the outside: read once, at start, and passed in.
 *
 * @module
 */
import type { Clock } from '@proofmark/core';

import type { Output } from './terminal/output.ts';

export interface CommandContext {
  readonly output: Output;
  /** Where relative paths of the command line start. */
  readonly cwd: string;
  /** The data folder that `--data`, PROOFMARK_DATA or the default names. */
  readonly dataRoot: string;
  readonly clock: Clock;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** A variable of the environment; nothing below the command reads it. */
  readonly environment: (name: string) => string | undefined;
  /** Who runs the command, for records: the login name, unverified. */
  readonly actor: string;
}

/** What a command ends with; the process exits with it. */
export type ExitCode =
  /** done */
  | 0
  /** refused, or findings */
  | 1
  /** could not run */
  | 2
  /** nothing to do */
  | 3
  /** wrong usage */
  | 4;
