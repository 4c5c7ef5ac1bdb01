/**
 * Every verb, in the order of the help text.
 *
 * @module
 */
import { explainVerb } from './commands/explain.ts';
import { initVerb } from './commands/init.ts';
import { keygenVerb } from './commands/keygen.ts';
import { promoteVerb, rollbackVerb } from './commands/promote.ts';
import { scanVerb } from './commands/scan.ts';
import { signVerb } from './commands/sign.ts';
import { upVerb } from './commands/up.ts';
import { verifyVerb } from './commands/verify.ts';
import { versionsVerb } from './commands/versions.ts';
import type { Verb } from './program.ts';

export const verbs: readonly Verb[] = [
  initVerb,
  upVerb,
  keygenVerb,
  signVerb,
  verifyVerb,
  scanVerb,

  versionsVerb,
  explainVerb,
  promoteVerb,
  rollbackVerb,
];
