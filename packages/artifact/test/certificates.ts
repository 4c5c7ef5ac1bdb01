/**
 * Certificates for tests, made with openssl at test time: nothing secret is kept in the repository.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readSigner } from '@proofmark/core';
import type { Signer } from '@proofmark/core';

export interface TestChain {
  readonly root: X509Certificate;
  /** DER, leaf first, then the intermediate. */
  readonly chain: readonly Uint8Array[];
  readonly signer: Signer;
}

export interface ChainOptions {
  readonly keyUsage?: string;
  readonly intermediateIsAuthority?: boolean;
}

/** A root, an intermediate and a P-256 leaf, all valid for ten days from now. */
export function makeChain(options: ChainOptions = {}): TestChain {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-x509-'));
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const request = (name: string, extensions: string, issuer: string | null): void => {
    openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.sec1`);
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', `${name}.sec1`, '-out', `${name}.pem`);
    openssl('req', '-new', '-key', `${name}.pem`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    writeFileSync(at(`${name}.ext`), extensions);
    const signedBy =
      issuer === null
        ? ['-signkey', `${name}.pem`]
        : ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.pem`, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-days',
      '10',
      '-in',
      `${name}.csr`,
      ...signedBy,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.crt`,
    );
  };
  const authority = 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n';
  const plain = 'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n';
  request('root', authority, null);
  request('intermediate', options.intermediateIsAuthority === false ? plain : authority, 'root');
  request(
    'leaf',
    `basicConstraints=critical,CA:false\n${options.keyUsage ?? 'keyUsage=critical,digitalSignature'}\n`,
    'intermediate',
  );
  const der = (name: string): Uint8Array =>
    new X509Certificate(readFileSync(at(`${name}.crt`))).raw;
  return {
    root: new X509Certificate(readFileSync(at('root.crt'))),
    chain: [der('leaf'), der('intermediate')],
    signer: readSigner(readFileSync(at('leaf.pem'), 'utf8')),
  };
}
