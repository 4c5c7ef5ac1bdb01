/**
 * The test instance behind HTTP on loopback, as Fulcio v2, Rekor v1 and v2 and RFC 3161 speak.
 *
 * It checks what the real services check: the token, possession of the key, and the signature of
 * what is to be logged. Tokens are signed by an issuer of its own.
 *
 * @module
 */
import { createHash, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage } from 'node:http';

import { preAuthEncoding } from '@proofmark/core';

import { OCTET_STRING, SEQUENCE, derChildren, derSingle, derValue } from '../../src/der.ts';
import { ISSUER, SUBJECT } from './instance.ts';
import type { Instance, IssueOptions } from './instance.ts';
import { newKey } from './x509.ts';

export interface Services {
  readonly url: string;
  /** Method and path of every request, in order. */
  readonly requests: readonly string[];
  /** A token as the issuer signs it. */
  token(claims?: Readonly<Record<string, unknown>>): string;
  close(): Promise<void>;
}

export interface ServiceBehaviour {
  readonly issue?: IssueOptions;
  /** What the log answers with instead. */
  readonly logAnswer?: (answer: Record<string, unknown>) => unknown;
  readonly redirectTo?: string;
}

interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const provider = newKey();

export async function serve(
  instance: Instance,
  behaviour: ServiceBehaviour = {},
): Promise<Services> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    void readBody(request)
      .then((body) => answer(request.url ?? '', body, instance, behaviour))
      .catch((error: unknown): Answer => ({ status: 400, body: String(error) }))
      .then(({ status, body, headers = {} }) => response.writeHead(status, headers).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    token: (claims = {}) => token({ iss: ISSUER, sub: SUBJECT, aud: 'sigstore', ...claims }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function token(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const covered = `${part({ alg: 'ES256' })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(covered), {
    key: provider.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${covered}.${signature.toString('base64url')}`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(
  path: string,
  body: Buffer,
  instance: Instance,
  behaviour: ServiceBehaviour,
): Answer {
  const { redirectTo, logAnswer = (value: unknown) => value } = behaviour;
  if (redirectTo !== undefined) return { status: 307, body: '', headers: { location: redirectTo } };
  const json = (value: unknown): Answer => ({ status: 201, body: JSON.stringify(value) });
  switch (path) {
    case '/api/v2/signingCert':
      return json(certify(JSON.parse(body.toString()) as CertificateBody, instance, behaviour));
    case '/api/v1/log/entries':
      return json(logAnswer(logEnvelope(JSON.parse(body.toString()) as LogBody, instance)));
    case '/api/v2/log/entries':
      return json(logAnswer(logHash(JSON.parse(body.toString()) as HashBody, instance)));
    case '/api/v1/timestamp':
      return { status: 201, body: instance.timestamp(imprintOf(body), Date.now()) };
    default:
      return { status: 404, body: '' };
  }
}

interface CertificateBody {
  readonly credentials: { readonly oidcIdentityToken: string };
  readonly publicKeyRequest: {
    readonly publicKey: { readonly content: string };
    readonly proofOfPossession: string;
  };
}

function certify(
  request: CertificateBody,
  instance: Instance,
  { issue }: ServiceBehaviour,
): unknown {
  const [head, claims = '', signature = ''] = request.credentials.oidcIdentityToken.split('.');
  const isToken = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: provider.publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  const { iss, sub, email } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<
    string,
    string
  >;
  const subject = email ?? sub ?? '';
  const key = createPublicKey(request.publicKeyRequest.publicKey.content);
  const proof = Buffer.from(request.publicKeyRequest.proofOfPossession, 'base64');
  if (!isToken || !verify('sha256', Buffer.from(subject), key, proof)) throw new Error('refused');
  const spki = key.export({ type: 'spki', format: 'der' });
  const der = instance.issue(spki, { subject, issuer: iss ?? '', ...issue });
  const certificates = [new X509Certificate(der).toString()];
  return { signedCertificateEmbeddedSct: { chain: { certificates } } };
}

interface LogBody {
  readonly spec: {
    readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly string[] };
  };
}

function logEnvelope({ spec }: LogBody, instance: Instance): Record<string, unknown> {
  const { envelope: text, verifiers } = spec.proposedContent;
  const envelope = JSON.parse(text) as {
    payload: string;
    payloadType: string;
    signatures: { sig: string }[];
  };
  const payload = Buffer.from(envelope.payload, 'base64');
  const sig = envelope.signatures[0]?.sig ?? '';
  const certificate = new X509Certificate(Buffer.from(verifiers[0] ?? '', 'base64'));
  const covered = preAuthEncoding(envelope.payloadType, payload);
  if (!verify('sha256', covered, certificate.publicKey, Buffer.from(sig, 'base64'))) {
    throw new Error('refused');
  }
  const hash = (data: Uint8Array | string): unknown => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(data).digest('hex'),
  });
  const body = JSON.stringify({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: hash(text),
      payloadHash: hash(payload),
      signatures: [{ signature: sig, verifier: verifiers[0] }],
    },
  });
  return instance.logV1(Buffer.from(body), Date.now());
}

interface HashBody {
  readonly hashedRekordRequestV002: { readonly digest: string; readonly signature: unknown };
}

function logHash(request: HashBody, instance: Instance): Record<string, unknown> {
  const { digest, signature } = request.hashedRekordRequestV002;
  const body = JSON.stringify({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest }, signature } },
  });
  return instance.logV2(Buffer.from(body));
}

/** `TimeStampReq ::= SEQUENCE { version, messageImprint SEQUENCE { algorithm, OCTET STRING }, ... }` */
function imprintOf(query: Uint8Array): Uint8Array {
  const [, imprint] = derChildren(derSingle(query), SEQUENCE);
  return derValue(derChildren(imprint, SEQUENCE)[1], OCTET_STRING);
}
