/**
 * Takes a list of secrets and when each was rotated: names and times, never values.
 *
 * What a secret store prints may hold the secrets themselves. A field that is not asked for refuses
 * the file, so that no value is signed into evidence that many can read.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';
import type { SecretsPredicate } from '@proofmark/registry';
import { z } from 'zod';

import { CliError } from '../errors.ts';

const MAX_SECRETS = 1000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const document = z.strictObject({
  secrets: z
    .array(
      z.strictObject({
        name: z
          .string()
          .max(256)
          .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/),
        rotatedAt: z.string().regex(TIME),
      }),
    )
    .max(MAX_SECRETS),
});

/** @param nowMs when it was looked at @throws {CliError} CLI_EVIDENCE_INVALID */
export function readSecretsReport(bytes: Uint8Array, nowMs: number): SecretsPredicate {
  const read = document.safeParse(parsed(bytes));
  if (!read.success) {
    const [issue] = read.error.issues;
    // The path only: a value could be a secret.
    throw refuse(`something is wrong at ${excerpt(issue?.path.join('.') ?? '')}`);
  }
  const names = read.data.secrets.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw refuse(`${excerpt(twice)} is listed twice`);
  return {
    secrets: read.data.secrets.map(({ name, rotatedAt }) => {
      const rotatedAtMs = Date.parse(rotatedAt);
      if (!Number.isFinite(rotatedAtMs)) throw refuse(`${excerpt(name)} has no time`);
      return { name, rotatedAtMs };
    }),
    checkedAtMs: nowMs,
  };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw refuse('it is not JSON');
  }
}

function refuse(why: string): CliError {
  return new CliError(
    'CLI_EVIDENCE_INVALID',
    `cannot take the list of secrets: ${why}; write {"secrets":[{"name":"provider/key","rotatedAt":"2026-01-31T12:00:00Z"}]} and no values`,
  );
}
