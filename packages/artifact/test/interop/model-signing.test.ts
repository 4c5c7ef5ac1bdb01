/**
 * Both directions with the reference implementation: what we sign it verifies, what it signs we
 * verify, for three curves, by key and by certificate.
 *
 * It is installed once into a throw-away Python environment below node_modules/.cache/interop; that
 * takes a network and about a minute, so the tests run on request only.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import { generatePrivateKeyPem, publicKeyPem, readPublicKey, readSigner } from '@proofmark/core';

import { hashFolder } from '../../src/hash.ts';
import { signModel } from '../../src/sign.ts';
import { verifyModel } from '../../src/verify.ts';
import { makeChain } from '../certificates.ts';
import { modelFolder } from '../model-folder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const environment = path.join(import.meta.dirname, '../../../../node_modules/.cache/interop');
const command = path.join(environment, 'bin/model_signing');

/** Paths that sort differently by path part, by UTF-16 code unit and by code point. */
const FILES = {
  B: 'b',
  'a-b/x': 'one',
  'a.d/y': 'two',
  'a/x': 'three',
  aa: '',
  'weights/\u{1f600}.bin': 'four',
  'weights/\uffee.bin': 'five',
};

const CURVES = [
  ['ecdsa-p256', 'prime256v1'],
  ['ecdsa-p384', 'secp384r1'],
  ['ecdsa-p521', 'secp521r1'],
] as const;

describe('with the reference implementation', { skip: whyNot() }, () => {
  for (const [algorithm, curve] of CURVES) {
    test(`${algorithm} key: ours verifies there, and not when a byte changed`, async () => {
      const work = newFolder();
      const signer = readSigner(generatePrivateKeyPem(algorithm));
      const folder = modelFolder(FILES);
      writeFileSync(path.join(work, 'key.pub'), publicKeyPem(signer.publicKey));
      const manifest = await hashFolder(folder);
      const signature = path.join(work, 'model.sig');
      writeFileSync(signature, await signModel({ name: 'sample', manifest, signer }));
      const verify = (): void =>
        run(`verify key --public_key ${work}/key.pub --signature ${signature} ${folder}`);

      verify();
      writeFileSync(path.join(folder, 'B'), 'c');
      assert.throws(verify);
    });

    test(`${algorithm} key: theirs verifies here, and not when a byte changed`, async () => {
      const work = newFolder();
      const pem = generatePrivateKeyPem(algorithm);
      writeFileSync(path.join(work, 'key.pem'), pem, { mode: 0o600 });
      const folder = modelFolder(FILES);
      const signature = path.join(folder, 'model.sig');
      run(`sign key --private_key ${work}/key.pem --signature ${signature} ${folder}`);
      const bundle = readFileSync(signature);
      const publicPem = publicKeyPem(readSigner(pem).publicKey);
      const trust = { keys: [readPublicKey(publicPem)], nowMs: Date.now() };

      const { manifest } = await verifyModel(folder, bundle, trust, { ignore: ['model.sig'] });

      assert.equal(manifest.files.length, Object.keys(FILES).length);
      writeFileSync(path.join(folder, 'B'), 'c');
      await assert.rejects(verifyModel(folder, bundle, trust, { ignore: ['model.sig'] }));
    });

    test(`${algorithm} certificate: ours verifies there`, async () => {
      const { chain, signer, folder: at } = makeChain({ curve });
      const folder = modelFolder(FILES);
      const manifest = await hashFolder(folder);
      const signature = path.join(at, 'model.sig');
      const request = { name: 'sample', manifest, signer, certificates: chain };
      writeFileSync(signature, await signModel(request));

      run(
        `verify certificate --certificate_chain ${at}/root.crt --signature ${signature} ${folder}`,
      );
    });

    test(`${algorithm} certificate: theirs verifies here`, async () => {
      const { root, folder: at } = makeChain({ curve });
      const folder = modelFolder(FILES);
      const signature = path.join(at, 'model.sig');
      const chain = `--signing_certificate ${at}/leaf.crt --certificate_chain ${at}/intermediate.crt`;
      run(
        `sign certificate --private_key ${at}/leaf.pem ${chain} --signature ${signature} ${folder}`,
      );

      const { signer } = await verifyModel(folder, readFileSync(signature), {
        keys: [],
        certificates: [{ roots: [root] }],
        nowMs: Date.now() + 60_000,
      });

      assert.equal(signer.method, 'certificate');
    });
  }
});

/** Words are parted by spaces; no path here has one. */
function run(words: string): void {
  execFileSync(command, words.split(' '), { stdio: 'pipe' });
}

function newFolder(): string {
  return temporaryFolder();
}

/** Why the tests cannot run, or `false`; installs the reference implementation on the way. */
function whyNot(): string | false {
  if (process.env['PROOFMARK_INTEROP'] !== '1') {
    return 'skipped: set PROOFMARK_INTEROP=1 to install the reference implementation and run both';
  }
  try {
    if (!existsSync(command)) {
      execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
      const packages = ['model-signing', 'pyopenssl'];
      execFileSync(path.join(environment, 'bin/pip'), ['install', '-q', ...packages], {
        stdio: 'pipe',
      });
    }
    execFileSync(command, ['--version'], { stdio: 'pipe' });
    return false;
  } catch {
    return 'skipped: Python 3 with the package model-signing cannot be installed here';
  }
}
