/**
 * Descriptors, manifests and indexes of the OCI image specification v1.1, read strictly.
 *
 * Everything here was written by whoever can write to the registry: it is believed only so far as
 * its digest was asked for or a signature covers it.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson, sha256Hex } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { OciError } from './errors.ts';
import { DIGEST } from './reference.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
export const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 lowercase hex characters. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ImageManifest {
  readonly artifactType: string | null;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject: Descriptor | null;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What registries must take at least; more is nobody's honest manifest of a model. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;
const MAX_ENTRIES = 20_000;

/** The digest of bytes, as OCI writes it. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${sha256Hex(bytes)}`;
}

/** Describes bytes at hand. */
export function describe(mediaType: string, bytes: Uint8Array | string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) };
}

/** @throws {OciError} OCI_MANIFEST_INVALID */
export function parseManifest(bytes: Uint8Array): ImageManifest {
  const root = parseRoot(bytes, MANIFEST_TYPE);
  const layers = list(root['layers'], 'layers').map((item) => readDescriptor(item, 'a layer'));
  return {
    artifactType: typeof root['artifactType'] === 'string' ? root['artifactType'] : null,
    config: readDescriptor(root['config'], 'config'),
    layers,
    subject: root['subject'] === undefined ? null : readDescriptor(root['subject'], 'subject'),
    annotations: readAnnotations(root['annotations']),
  };
}

/** The entries of an index. @throws {OciError} OCI_MANIFEST_INVALID */
export function parseIndex(bytes: Uint8Array): readonly Descriptor[] {
  const root = parseRoot(bytes, INDEX_TYPE);
  return list(root['manifests'], 'manifests').map((item) => readDescriptor(item, 'an entry'));
}

function parseRoot(bytes: Uint8Array, mediaType: string): JsonObject {
  try {
    const root = object(parseStrictJson(bytes, { maxBytes: MAX_MANIFEST_BYTES }), 'it');
    if (root['schemaVersion'] !== 2) throw invalid('its schemaVersion is not 2');
    // Optional in the specification; another one means another format.
    if (root['mediaType'] !== undefined && root['mediaType'] !== mediaType) {
      throw invalid(`its mediaType is not ${mediaType}`);
    }
    return root;
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw invalid(cause.message, cause);
  }
}

function readDescriptor(value: Json | undefined, what: string): Descriptor {
  const { mediaType, digest, size, artifactType, annotations } = object(value, what);
  if (typeof mediaType !== 'string' || mediaType === '') throw invalid(`${what} has no mediaType`);
  if (typeof digest !== 'string' || !DIGEST.test(digest)) {
    throw invalid(`${what} has no sha256 digest`);
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(`${what} has no size`);
  }
  return {
    mediaType,
    digest,
    size,
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    annotations: readAnnotations(annotations),
  };
}

function readAnnotations(value: Json | undefined): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  const entries = Object.entries(object(value, 'annotations'));
  return Object.fromEntries(
    entries.map(([key, text]): [string, string] => {
      if (typeof text !== 'string') throw invalid('an annotation is not a text');
      return [key, text];
    }),
  );
}

function list(value: Json | undefined, what: string): readonly Json[] {
  if (!Array.isArray(value)) throw invalid(`${what} is not a list`);
  if (value.length > MAX_ENTRIES) throw invalid(`${what} has more than ${MAX_ENTRIES} items`);
  return value as readonly Json[];
}

function object(value: Json | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${what} is not an object`);
  }
  return value as JsonObject;
}

function invalid(why: string, cause?: unknown): OciError {
  return new OciError(
    'OCI_MANIFEST_INVALID',
    `cannot read the OCI manifest: ${excerpt(why)}`,
    cause === undefined ? {} : { cause },
  );
}
