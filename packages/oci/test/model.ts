/**
 * A small signed model folder, and what is needed to push and pull it.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { hashFolder, signModel, verifyModel } from '@proofmark/artifact';
import type { SignatureTrust, VerifiedManifest } from '@proofmark/artifact';
import { generatePrivateKeyPem, readSigner, signStatement } from '@proofmark/core';
import type { Envelope, Signer } from '@proofmark/core';

import { temporaryFolder } from './temporary-folder.ts';

export const signer: Signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
export const trust: SignatureTrust = { keys: [signer.publicKey], nowMs: 0 };
export const stranger: Signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
export const strangers: SignatureTrust = { keys: [stranger.publicKey], nowMs: 0 };

export const FILES: Readonly<Record<string, string>> = {
  'README.md': '# a model\n',
  'config.json': '{"a":1}\n',
  'weights/part-1.safetensors': 'first part '.repeat(2000),
  'weights/part-2.safetensors': 'second part '.repeat(3000),
  'weights/same.bin': 'first part '.repeat(2000),
  empty: '',
};

export interface SignedFolder {
  readonly folder: string;
  readonly verified: VerifiedManifest;
  readonly bundle: Uint8Array;
}

export async function signedFolder(
  files: Readonly<Record<string, string>> = FILES,
): Promise<SignedFolder> {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  const manifest = await hashFolder(folder);
  const text = await signModel({ name: 'sample', manifest, signer, ignored: ['model.sig'] });
  const verified = await verifyModel(folder, text, trust);
  return { folder, verified, bundle: Buffer.from(text) };
}

export const PREDICATE_TYPE = 'https://example.org/checked/v1';

/** An attestation about a model that names it by these digests. */
export function attest(by: Signer, digest: Readonly<Record<string, string>>): Promise<Envelope> {
  const predicate = { passed: true };
  return signStatement(
    { subject: [{ name: 'sample', digest }], predicateType: PREDICATE_TYPE, predicate },
    [by],
  );
}
