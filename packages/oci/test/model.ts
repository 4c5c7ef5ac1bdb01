/**
 * A small signed model folder, and what is needed to push and pull it.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { hashFolder, signModel, verifyModel } from '@proofmark/artifact';
import type { SignatureTrust, VerifiedManifest } from '@proofmark/artifact';
import { generatePrivateKeyPem, readSigner } from '@proofmark/core';

import { temporaryFolder } from './temporary-folder.ts';

const signer = readSigner(generatePrivateKeyPem('ecdsa-p256'));
export const trust: SignatureTrust = { keys: [signer.publicKey], nowMs: 0 };
export const strangers: SignatureTrust = {
  keys: [readSigner(generatePrivateKeyPem('ecdsa-p256')).publicKey],
  nowMs: 0,
};

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
