/**
 * The signed statement of OpenSSF Model Signing v1.0: which files, with which digests.
 *
 * Read over the bytes that were signed and never re-serialised. The listed order is the order the
 * root digest is computed in, whatever that order is: the reference implementation sorts by path
 * parts where the specification sorts by code points.
 *
 * @module
 */
import {
  CoreError,
  STATEMENT_TYPE,
  isSha256Hex,
  modelSubject,
  parseStatement,
  parseStrictJson,
} from '@proofmark/core';
import type { Json, JsonObject, Statement } from '@proofmark/core';

import { ArtifactError } from './errors.ts';
import { checkPath, omsRoot } from './manifest.ts';
import type { Manifest } from './manifest.ts';

const SIGNATURE_PREDICATE_TYPE = 'https://model_signing/signature/v1.0';
/** Release 0.2.0 of the reference: the subjects are the files. */
const LEGACY_PREDICATE_TYPE = 'https://model_signing/Digests/v0.1';

export interface SignedResource {
  readonly path: string;
  readonly sha256: string;
}

export interface SignedStatement {
  /** Informational: the folder's name when it was signed. */
  readonly name: string;
  readonly resources: readonly SignedResource[];
  readonly omsRoot: string;
  /** Name-binding digest where the producer wrote one; checked against the folder. */
  readonly manifestDigest: string | null;
  /** Top-level names that were left out of the signature. */
  readonly ignored: readonly string[];
  /** The one file that was signed alone carries the name `.` in some releases. */
  readonly singleFile: boolean;
}

const MAX_RESOURCES = 1_000_000;

/** The payload that `signModel` signs. */
export function buildPayload(name: string, manifest: Manifest, ignored: readonly string[]): Buffer {
  const subject = modelSubject({ name, ...manifest });
  return Buffer.from(
    JSON.stringify({
      _type: STATEMENT_TYPE,
      subject: [subject],
      predicateType: SIGNATURE_PREDICATE_TYPE,
      predicate: {
        serialization: {
          method: 'files',
          hash_type: 'sha256',
          allow_symlinks: false,
          ignore_paths: ignored,
        },
        resources: manifest.files.map(({ path, sha256 }) => ({
          name: path,
          algorithm: 'sha256',
          digest: sha256,
        })),
      },
    }),
  );
}

/**
 * Reads a payload whose signature was verified.
 *
 * @param isLegacy Whether it is the release 0.2.0 form that is expected, and nothing else.
 * @throws {ArtifactError} ARTIFACT_STATEMENT_INVALID, ARTIFACT_METHOD_UNSUPPORTED,
 *   ARTIFACT_PATH_ESCAPES_ROOT
 */
export function readPayload(payload: Uint8Array, isLegacy = false): SignedStatement {
  try {
    if (isLegacy) return readLegacy(object(parseStrictJson(payload)));
    const statement = parseStatement(payload);
    if (statement.predicateType !== SIGNATURE_PREDICATE_TYPE) {
      throw invalid('it is not a model signature');
    }
    return readStatement(statement);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw invalid(cause.message, cause);
  }
}

function readStatement(statement: Statement): SignedStatement {
  const [subject] = statement.subject;
  if (subject === undefined || statement.subject.length !== 1) throw invalid('not one subject');
  const { serialization, resources } = statement.predicate;
  const ignored = readIgnored(serialization);
  const listed = list(resources).map(readResource);
  const root = omsRoot(listed.map((resource) => resource.sha256));
  if (root !== subject.digest['sha256']) throw invalid('its root digest is not that of its files');
  const manifest = subject.digest['manifest'];
  if (manifest !== undefined && !isSha256Hex(manifest)) throw invalid('a bad manifest digest');
  const singleFile = listed.length === 1 && listed[0]?.path === '.';
  if (!singleFile) checkPaths(listed);
  return {
    name: subject.name,
    resources: listed,
    omsRoot: root,
    manifestDigest: manifest ?? null,
    ignored,
    singleFile,
  };
}

/** The names left out; refuses any other way of putting files together than the one checked here. */
function readIgnored(serialization: Json | undefined): readonly string[] {
  const { method, hash_type: hashType, ignore_paths: ignored } = object(serialization);
  if (method !== 'files' || hashType !== 'sha256') {
    throw new ArtifactError(
      'ARTIFACT_METHOD_UNSUPPORTED',
      'cannot verify the signature: it was not made with the "files" method and SHA-256; sign the model again with both',
    );
  }
  return ignored === undefined ? [] : list(ignored).map(text);
}

function readLegacy(raw: Readonly<Record<string, Json | undefined>>): SignedStatement {
  if (raw['predicateType'] !== LEGACY_PREDICATE_TYPE) throw invalid('it is not a model signature');
  const listed = list(raw['subject']).map((item): SignedResource => {
    const { name, digest } = object(item);
    return resource(text(name), object(digest)['sha256']);
  });
  checkPaths(listed);
  const root = omsRoot(listed.map(({ sha256 }) => sha256));
  return {
    name: '',
    resources: listed,
    omsRoot: root,
    manifestDigest: null,
    ignored: [],
    singleFile: false,
  };
}

function readResource(value: Json): SignedResource {
  const { name, algorithm, digest } = object(value);
  if (algorithm !== 'sha256') throw invalid('a file has no SHA-256 digest');
  return resource(text(name), digest);
}

function resource(path: string, digest: Json | undefined): SignedResource {
  if (!isSha256Hex(digest)) throw invalid('a file has a malformed digest');
  return { path, sha256: digest };
}

function checkPaths(resources: readonly SignedResource[]): void {
  const seen = new Set<string>();
  for (const { path } of resources) {
    checkPath(path);
    if (seen.has(path)) throw invalid('a file is listed twice');
    seen.add(path);
  }
  if (seen.size === 0) throw invalid('it lists no file');
}

function list(value: Json | undefined): readonly Json[] {
  if (!Array.isArray(value) || value.length > MAX_RESOURCES) throw invalid('a list was expected');
  return value as readonly Json[];
}

function object(value: Json | undefined): Readonly<Record<string, Json | undefined>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('an object was expected');
  }
  return value as JsonObject;
}

function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw invalid('a text was expected');
  return value;
}

function invalid(why: string, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'ARTIFACT_STATEMENT_INVALID',
    `cannot use the signed statement: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
