/**
 * The files that `signature.certificates` and `signature.identities` name in `proofmark.yaml`,
 * replaced by their text: a policy's digest then binds whom it trusts.
 *
 * @module
 */
import path from 'node:path';

import type { Json, JsonObject } from '@proofmark/core';

import { publicGoodRoot, readText } from '../signature-trust.ts';

/**
 * Resolves files relative to `configFile`; an identity without `trustedRoot` is one of the
 * public-good Sigstore instance. What has another shape is left for the policy reader to refuse.
 *
 * @throws {CliError} CLI_INPUT_UNREADABLE
 */
export function resolveSigners(signature: Json, configFile: string): Json {
  if (!isObject(signature)) return signature;
  const read = (name: string): string => readText(path.resolve(path.dirname(configFile), name));
  const { certificates, identities } = signature;
  return {
    ...signature,
    ...(Array.isArray(certificates)
      ? { certificates: certificates.map((item: Json) => withText(item, 'roots', read)) }
      : {}),
    ...(Array.isArray(identities)
      ? {
          identities: identities.map((item: Json) =>
            isObject(item) && item['trustedRoot'] === undefined
              ? { ...item, trustedRoot: publicGoodRoot() }
              : withText(item, 'trustedRoot', read),
          ),
        }
      : {}),
  };
}

function withText(item: Json, key: string, read: (name: string) => string): Json {
  if (!isObject(item)) return item;
  const name = item[key];
  return typeof name === 'string' ? { ...item, [key]: read(name) } : item;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
