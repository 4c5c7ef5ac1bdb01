/**
 * The model signature of a registered version: OpenSSF Model Signing, checked from stored documents.
 *
 * The registry keeps the manifest as the very text whose SHA-256 is the manifest digest. Checking the
 * bundle against that list, rather than against a digest inside the bundle, binds names and sizes
 * also for bundles of other tools, whose root digest binds neither.
 *
 * @module
 */
import type { ManifestFile } from '@proofmark/artifact';
import { createManifest, verifyManifest } from '@proofmark/artifact';
import type { PublicKey } from '@proofmark/core';
import { canonicalJson, parseStrictJson } from '@proofmark/core';

import type { DocumentKind } from './json-fields.ts';
import { Fields } from './json-fields.ts';

/** What a bundle proves: this manifest was signed by these keys. */
export interface ModelSignature {
  readonly manifestDigest: string;
  readonly omsRoot: string;
  readonly keyIds: readonly string[];
}

const MANIFEST: DocumentKind = { what: 'stored manifest', code: 'REGISTRY_STORE_CORRUPT' };
const MAX_FILES = 1_000_000;

/** The text whose SHA-256 is the manifest digest (docs/spec/manifest-digest.md). */
export function manifestText(files: readonly ManifestFile[]): string {
  const resources = files.map(({ path, sha256, sizeBytes }) => ({
    name: path,
    algorithm: 'sha256',
    digest: sha256,
    size: sizeBytes,
  }));
  return canonicalJson({ resources });
}

/** The files of a manifest text. @throws {RegistryError} REGISTRY_STORE_CORRUPT */
export function readManifestText(text: string): readonly ManifestFile[] {
  const fields = new Fields(parseStrictJson(text), MANIFEST);
  return fields.list(
    'resources',
    (item) => {
      item.oneOf('algorithm', ['sha256']);
      return {
        path: item.text('name', { max: 4096 }),
        sizeBytes: item.count('size'),
        sha256: item.digest('digest'),
      };
    },
    MAX_FILES,
  );
}

/**
 * Verifies that one of `trusted` signed exactly the files of the manifest.
 *
 * Signatures by a bare key count; certificates are not trusted by a gate policy yet.
 *
 * @throws {ArtifactError} see `verifyManifest`
 * @throws {RegistryError} REGISTRY_STORE_CORRUPT
 */
export function checkModelSignature(
  bundle: string,
  manifest: string,
  trusted: readonly PublicKey[],
  nowMs: number,
): ModelSignature {
  const listed = createManifest(readManifestText(manifest));
  const { manifest: verified, signer } = verifyManifest(listed, bundle, { keys: trusted, nowMs });
  const { manifestDigest, omsRoot } = verified;
  return { manifestDigest, omsRoot, keyIds: [signer.keyId] };
}
