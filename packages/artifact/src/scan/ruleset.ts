/**
 * The identity of the rules that a report was made with.
 *
 * The digest covers the rule table and every allowlist, so that evidence made with other rules is
 * seen to be other evidence. Changes of readers raise the version.
 *
 * @module
 */
import { canonicalJson, sha256Hex } from '@proofmark/core';

import { ALLOWED_IMPORTS } from './pickle/allowlist.ts';
import {
  CODE_CLASSES,
  EXACT_CLASSES,
  FUNCTION_MODULES,
  KERAS_MODULES,
  STOCK_CLASSES,
} from './graph/keras-name.ts';
import { TF_EFFECTS } from './graph/tf-effect.ts';
import { TF_OP_NAMES } from './graph/tf-op-name.ts';
import { RULES } from './rules.ts';

/** Raised with every change of what the readers find. */
export const RULESET_VERSION = '8';

/** SHA-256, hex, over the canonical JSON of version, rules, allowlists and the caller's imports. */
export function rulesetDigest(allowImports: readonly string[] = []): string {
  if (allowImports.length === 0) return (plainDigest ??= digest([]));
  return digest(allowImports);
}

/** The digest without extra imports, computed once: it covers some thousand names. */
let plainDigest: string | undefined;

function digest(allowImports: readonly string[]): string {
  return sha256Hex(
    canonicalJson({
      version: RULESET_VERSION,
      rules: [...RULES.values()],
      imports: sorted(ALLOWED_IMPORTS),
      extraImports: allowImports.toSorted(),
      kerasModules: [...KERAS_MODULES].toSorted(),
      kerasFunctions: [...FUNCTION_MODULES].toSorted(),
      kerasClasses: [...STOCK_CLASSES].toSorted(),
      kerasExact: [...EXACT_CLASSES].toSorted(),
      kerasCode: sorted(CODE_CLASSES),
      operations: [...TF_OP_NAMES].toSorted(),
      operationEffects: sorted(TF_EFFECTS),
    }),
  );
}

function sorted(map: ReadonlyMap<string, string>): string[][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map((entry) => [...entry]);
}
