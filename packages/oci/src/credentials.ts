/**
 * Credentials of registries, as Docker and Podman keep them: `auths` of `config.json`.
 *
 * They are secrets: never printed, never in an error, sent only where authentication.ts allows.
 * Credential helpers (`credsStore`, `credHelpers`) are programs and are not run; such an entry is
 * refused by name, so that nobody wonders why access is denied.
 *
 * @module
 */
import { CoreError, parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { OciError } from './errors.ts';

export interface Credentials {
  readonly username: string;
  /** Secret. */
  readonly password: string;
  /** Refresh token for the registry's token service; secret. `null` with a password. */
  readonly identityToken: string | null;
}

/** Docker's name of its own registry. */
const DOCKER_HUB: ReadonlySet<string> = new Set(['docker.io', 'registry-1.docker.io']);
const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/** The credentials for `host`, or `null`. @throws {OciError} OCI_ACCESS_DENIED when unusable */
export function findCredentials(configText: string, host: string): Credentials | null {
  const config = parse(configText);
  const auths = asObject(config['auths']);
  const names = DOCKER_HUB.has(host) ? [host, DOCKER_HUB_KEY] : [host, `https://${host}`];
  const entry = names.map((name) => own(auths, name)).find((value) => value !== undefined);
  const { auth, identitytoken, username, password } = asObject(entry);
  if (typeof auth === 'string' && auth !== '') return decode(auth, identitytoken, host);
  if (typeof username === 'string' && typeof password === 'string') {
    return { username, password, identityToken: tokenOf(identitytoken) };
  }
  const helped = own(asObject(config['credHelpers']), host) ?? (entry && config['credsStore']);
  if (helped === undefined) return null;
  throw denied(
    `the credentials for ${host} are in a credential helper, which is not run; set PROOFMARK_REGISTRY_USER and PROOFMARK_REGISTRY_PASSWORD`,
  );
}

/** `base64(username:password)` */
function decode(auth: string, token: Json | undefined, host: string): Credentials {
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw denied(`the credentials for ${host} cannot be read`);
  return {
    username: text.slice(0, colon),
    password: text.slice(colon + 1),
    identityToken: tokenOf(token),
  };
}

function tokenOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function parse(text: string): JsonObject {
  try {
    return asObject(parseStrictJson(text, { maxBytes: 1024 * 1024 }));
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw denied('the credentials file is not JSON'); // no cause: it could quote a secret
  }
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function denied(why: string): OciError {
  return new OciError('OCI_ACCESS_DENIED', `cannot use the registry: ${why}`);
}
