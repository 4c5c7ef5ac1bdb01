/**
 * Where an artifact is: in a registry, or in an OCI image layout folder.
 *
 * ```
 * oci:HOST[:PORT]/REPOSITORY[:TAG][@sha256:HEX]
 * oci-layout:FOLDER[:TAG][@sha256:HEX]
 * ```
 *
 * Grammar of names and tags: OCI distribution specification v1.1, "Pulling manifests". A digest,
 * when given, decides; the tag beside it is only shown.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { OciError } from './errors.ts';

interface Named {
  readonly tag: string | null;
  /** `sha256:` and 64 lowercase hex characters. */
  readonly digest: string | null;
}

export type OciReference =
  | (Named & { readonly kind: 'registry'; readonly host: string; readonly repository: string })
  | (Named & { readonly kind: 'layout'; readonly folder: string });

const TAG = /^\w[\w.-]{0,127}$/;
export const DIGEST: RegExp = /^sha256:[0-9a-f]{64}$/;
const REPOSITORY =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const MAX_CHARACTERS = 1024;

/** Whether a word of the command line is meant as a reference. */
export function isOciReference(text: string): boolean {
  return text.startsWith('oci:') || text.startsWith('oci-layout:');
}

/** @throws {OciError} OCI_REFERENCE_INVALID */
export function parseReference(text: string): OciReference {
  if (text.length > MAX_CHARACTERS) throw refuse(text, 'it is too long');
  const [scheme = '', ...rest] = text.split(':');
  const { name, ...named } = splitName(rest.join(':'), text);
  if (scheme === 'oci-layout') {
    if (name === '') throw refuse(text, 'it names no folder');
    return { kind: 'layout', folder: name, ...named };
  }
  if (scheme !== 'oci') throw refuse(text, 'it begins with neither oci: nor oci-layout:');
  const slash = name.indexOf('/');
  const host = name.slice(0, Math.max(slash, 0));
  const repository = name.slice(slash + 1);
  if (!HOST.test(host)) throw refuse(text, 'it names no host');
  if (repository.length > 255 || !REPOSITORY.test(repository)) {
    throw refuse(text, 'its repository is not lower-case parts between "/"');
  }
  return { kind: 'registry', host, repository, ...named };
}

/** `NAME[:TAG][@DIGEST]`; a port is no tag, since a "/" follows it. */
function splitName(text: string, whole: string): Named & { readonly name: string } {
  const [before = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) {
    throw refuse(whole, 'its digest is not sha256 and 64 hex characters');
  }
  const colon = before.lastIndexOf(':');
  const tag = colon > before.lastIndexOf('/') ? before.slice(colon + 1) : null;
  if (tag !== null && !TAG.test(tag)) throw refuse(whole, 'its tag has characters no tag has');
  const name = tag === null ? before : before.slice(0, colon);
  return { name, tag, digest: digest ?? null };
}

function refuse(text: string, why: string): OciError {
  return new OciError(
    'OCI_REFERENCE_INVALID',
    `cannot use the reference "${excerpt(text)}": ${why}; write oci:HOST/REPOSITORY:TAG or oci-layout:FOLDER:TAG`,
  );
}
