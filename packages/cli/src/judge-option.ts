/**
 * The judge model that a command line names: `--judge URL --judge-model M [--judge-key-env NAME]`.
 *
 * The key stands in no argument: the option names a variable, which is read once per request. It is
 * not sent in the clear to another machine.
 *
 * @module
 */
import { createJudge } from '@proofmark/evals';
import type { Judge } from '@proofmark/evals';

import type { CommandContext } from './context.ts';
import { CliError } from './errors.ts';
import { parseCount } from './option.ts';

export interface JudgeOptions {
  readonly judge?: string;
  readonly judgeModel?: string;
  readonly judgeKeyEnv?: string;
  readonly judgeTimeout?: string;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const SECONDS = { min: 1, max: 600 };

/** Undefined when no judge is named. @throws {CliError} CLI_USAGE */
export function readJudge(
  options: JudgeOptions,
  { environment }: Pick<CommandContext, 'environment'>,
): Judge | undefined {
  const { judge, judgeModel, judgeKeyEnv, judgeTimeout } = options;
  if (judge === undefined) {
    const [stray] = Object.keys(options).filter((name) => name.startsWith('judge'));
    if (stray === undefined) return undefined;
    throw usage('name its endpoint with --judge, up to and including the version (.../v1)');
  }
  checkAddress(judge);
  if (judgeModel === undefined || judgeModel === '') {
    throw usage('name its exact model with --judge-model; it is part of the evaluator’s digest');
  }
  return createJudge({
    baseUrl: judge,
    model: judgeModel,
    attemptTimeoutMs: parseCount('--judge-timeout', judgeTimeout ?? '30', SECONDS) * 1000,
    ...(judgeKeyEnv === undefined ? {} : { apiKey: keyOf(judgeKeyEnv, environment) }),
  });
}

/** The address is printed and kept with the figures, so it may hold no secret. */
function checkAddress(judge: string): void {
  const url = URL.canParse(judge) ? new URL(judge) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usage('--judge is no http or https address');
  }
  if (`${url.username}${url.password}${url.search}${url.hash}` !== '') {
    throw usage('--judge is an address alone; put a key into a variable: --judge-key-env');
  }
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    throw usage('texts and key would travel in the clear; use https for another machine');
  }
}

function keyOf(name: string, environment: CommandContext['environment']): () => string {
  const key = environment(name) ?? '';
  if (key === '') throw usage(`the variable ${JSON.stringify(name)} of --judge-key-env is empty`);
  return () => key;
}

function usage(why: string): CliError {
  return new CliError('CLI_USAGE', `cannot ask a judge: ${why}`);
}
