/**
 * A small YAML or JSON file that an operator wrote and named on the command line.
 *
 * @module
 */
import { readFileSync, statSync } from 'node:fs';

import { parse } from 'yaml';

import { excerpt } from '@proofmark/core';

import { CliError } from './errors.ts';

const MAX_BYTES = 1024 * 1024;

/** @throws {CliError} CLI_INPUT_UNREADABLE when it is missing, larger than 1 MiB or no YAML */
export function readDocument(file: string): unknown {
  try {
    if (statSync(file).size > MAX_BYTES) throw new Error('it is larger than 1 MiB');
    const document: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: 10 });
    return document;
  } catch (cause) {
    const why = cause instanceof Error ? excerpt(cause.message) : 'unreadable';
    throw new CliError('CLI_INPUT_UNREADABLE', `cannot read ${file}: ${why}`, { cause });
  }
}
