/**
 * Freshness of the secrets a deployment uses: names and ages, never values.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { isoTime } from '@proofmark/core';

import type { Fields } from '../json-fields.ts';

export const SECRETS_PREDICATE_TYPE = 'urn:proofmark:secrets:v1';

export interface SecretAge {
  /** A label such as `provider/openai`, never the secret. */
  readonly name: string;
  readonly rotatedAtMs: number;
}

export interface SecretsPredicate {
  readonly secrets: readonly SecretAge[];
  readonly checkedAtMs: number;
}

export function buildSecrets(found: SecretsPredicate): JsonObject {
  return {
    checkedAt: isoTime(found.checkedAtMs),
    secrets: found.secrets.map((s) => ({ name: s.name, rotatedAt: isoTime(s.rotatedAtMs) })),
  };
}

export function readSecrets(predicate: Fields): SecretsPredicate {
  return {
    checkedAtMs: predicate.time('checkedAt'),
    secrets: predicate.list('secrets', (item) => ({
      name: item.text('name', { max: 256 }),
      rotatedAtMs: item.time('rotatedAt'),
    })),
  };
}
