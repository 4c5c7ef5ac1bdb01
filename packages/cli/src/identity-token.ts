/**
 * Where a keyless signer's OpenID Connect token comes from: a file, the variable that CI systems set
 * for Sigstore, or GitHub's token service.
 *
 * The token is a secret: never an argument, never printed, never in an error.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { parseStrictJson } from '@proofmark/core';

import type { CommandContext } from './context.ts';
import { CliError } from './errors.ts';

const AUDIENCE = 'sigstore';
const TIMEOUT_MS = 30_000;
const MAX_ANSWER_CHARACTERS = 64 * 1024;

/** @throws {CliError} CLI_USAGE when there is none, CLI_INPUT_UNREADABLE */
export async function readIdentityToken(
  { cwd, environment, signal }: Pick<CommandContext, 'cwd' | 'environment' | 'signal'>,
  file: string | undefined,
): Promise<string> {
  if (file !== undefined) return readTokenFile(path.resolve(cwd, file));
  const given = environment('SIGSTORE_ID_TOKEN');
  if (given !== undefined && given !== '') return given.trim();
  const url = environment('ACTIONS_ID_TOKEN_REQUEST_URL');
  const bearer = environment('ACTIONS_ID_TOKEN_REQUEST_TOKEN');
  if (url !== undefined && bearer !== undefined) return requestToken(url, bearer, signal);
  throw new CliError(
    'CLI_USAGE',
    'cannot sign without a key: there is no identity token; give --identity-token-file, set SIGSTORE_ID_TOKEN, or run in a GitHub job with "id-token: write"',
  );
}

function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CliError('CLI_INPUT_UNREADABLE', `cannot read ${file}: no identity token there`, {
      cause,
    });
  }
}

/** `GET url&audience=sigstore` answers `{ "value": token }`. */
async function requestToken(address: string, bearer: string, signal: AbortSignal): Promise<string> {
  const failed = (cause?: unknown): CliError =>
    new CliError('CLI_INPUT_UNREADABLE', 'cannot get an identity token from the job service', {
      cause,
    });
  if (!URL.canParse(address)) throw failed();
  const url = new URL(address);
  url.searchParams.set('audience', AUDIENCE);
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = response.ok ? await response.text() : '';
    if (text === '' || text.length > MAX_ANSWER_CHARACTERS) throw failed();
    const answer = parseStrictJson(text);
    const value =
      typeof answer === 'object' && answer !== null && 'value' in answer ? answer['value'] : null;
    if (typeof value !== 'string') throw failed();
    return value;
  } catch (cause) {
    throw cause instanceof CliError ? cause : failed(cause);
  }
}
