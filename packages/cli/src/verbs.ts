/**
 * Every verb, in the order of the help text.
 *
 * @module
 */
import { keygenVerb } from './commands/keygen.ts';
import type { Verb } from './program.ts';

export const verbs: readonly Verb[] = [keygenVerb];
