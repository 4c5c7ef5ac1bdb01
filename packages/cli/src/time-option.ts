/**
 * A point in time on the command line.
 *
 * @module
 */
import { CliError } from './errors.ts';

/** Milliseconds since the Unix epoch; null where the option was not given. @throws {CliError} CLI_USAGE */
export function timeOption(text: string | undefined, option: string): number | null {
  if (text === undefined) return null;
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new CliError('CLI_USAGE', `cannot read ${option}: write a time like 2026-01-31T12:00:00Z`);
}
