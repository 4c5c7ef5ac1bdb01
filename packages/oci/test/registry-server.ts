/**
 * A strict registry for tests, with faults on order: OCI distribution specification v1.1 as far as
 * clients may rely on it. It checks digests, the order of chunks, and the token that it gave.
 *
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Behaviour {
  /** Registry keeps its own list of referrers; otherwise clients must. */
  readonly listsReferrers?: boolean;
  /** `Basic` user:password that is wanted, for requests themselves or for a token. */
  readonly auth?: { readonly scheme: 'basic' | 'bearer'; readonly login: string };
  /** Address of the token service in the challenge, instead of its own. */
  readonly realm?: string;
  /** May answer instead of the registry, and says whether it did. */
  readonly fault?: (
    request: IncomingMessage,
    response: ServerResponse,
    server: TestRegistry,
  ) => boolean;
  /** Breaks the connection of an upload part after so many bytes, once per entry. */
  readonly cutUploads?: number[];
}

export interface TestRegistry {
  readonly host: string;
  readonly url: string;
  readonly blobs: Map<string, Buffer>;
  /** By tag and by digest. */
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>;
  /** `METHOD path`, and the `Authorization` header of each. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

const TOKEN = 'token-of-the-test-registry';
const digestOf = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export async function startRegistry(behaviour: Behaviour = {}): Promise<TestRegistry> {
  const uploads = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => {
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry: TestRegistry = {
    host,
    url: `http://${host}`,
    blobs: new Map(),
    manifests: new Map(),
    requests: [],
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '' } = request;
    registry.requests.push({
      line: `${method} ${target}`,
      authorization: request.headers.authorization,
    });
    if (behaviour.fault?.(request, response, registry) === true) return;
    if (target.startsWith('/token')) return giveToken(request, response, behaviour);
    if (!isAllowed(request, behaviour)) return challenge(response, registry, behaviour);
    return dispatch(request, response, new URL(target, registry.url));
  }

  async function dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    const { method = '' } = request;
    const path = /^\/v2\/([a-z/]+)\/(blobs\/uploads|blobs|manifests|referrers)\/(.*)$/.exec(
      url.pathname,
    );
    if (path === null) return end(response, 404);
    const [, name = '', kind = '', reference = ''] = path;
    switch (kind) {
      case 'blobs/uploads':
        return upload(request, response, {
          url,
          name,
          id: reference,
          uploads,
          registry,
          behaviour,
        });
      case 'blobs':
        return sendBlob(request, response, registry.blobs.get(reference));
      case 'manifests':
        return method === 'PUT'
          ? putManifest(request, response, { reference, registry, behaviour })
          : sendManifest(response, registry.manifests.get(reference));
      default:
        return sendReferrers(response, reference, registry, behaviour);
    }
  }
  return registry;
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

function isAllowed({ headers }: IncomingMessage, { auth }: Behaviour): boolean {
  if (auth === undefined) return true;
  const wanted = auth.scheme === 'basic' ? basic(auth.login) : `Bearer ${TOKEN}`;
  return headers.authorization === wanted;
}

function basic(login: string): string {
  return `Basic ${Buffer.from(login).toString('base64')}`;
}

function challenge(
  response: ServerResponse,
  { url }: TestRegistry,
  { auth, realm }: Behaviour,
): void {
  const bearer = `Bearer realm="${realm ?? `${url}/token`}",service="test",scope="repository:evil:*"`;
  const header = auth?.scheme === 'basic' ? 'Basic realm="test"' : bearer;
  end(response, 401, { 'www-authenticate': header });
}

async function giveToken(
  request: IncomingMessage,
  response: ServerResponse,
  { auth }: Behaviour,
): Promise<void> {
  const form = new URLSearchParams((await readBody(request)).toString());
  const isRefreshed =
    request.method === 'POST' && form.get('refresh_token') === `refresh ${auth?.login ?? ''}`;
  const isAllowedIn = isRefreshed || request.headers.authorization === basic(auth?.login ?? '');
  if (!isAllowedIn) return end(response, 401);
  response.writeHead(200).end(JSON.stringify({ [isRefreshed ? 'access_token' : 'token']: TOKEN }));
}

interface Upload {
  readonly url: URL;
  readonly name: string;
  readonly id: string;
  readonly uploads: Map<string, Buffer>;
  readonly registry: TestRegistry;
  readonly behaviour: Behaviour;
}

const locationOf = (name: string, id: string): Record<string, string> => ({
  location: `/v2/${name}/blobs/uploads/${id}?state=kept`,
});

/** Takes a blob over from elsewhere when it is asked to and can, else begins an upload. */
function begin(response: ServerResponse, { url, name, uploads, registry }: Upload): void {
  if (registry.blobs.has(url.searchParams.get('mount') ?? '')) return end(response, 201);
  const made = randomUUID();
  uploads.set(made, Buffer.alloc(0));
  return end(response, 202, locationOf(name, made));
}

async function upload(
  request: IncomingMessage,
  response: ServerResponse,
  work: Upload,
): Promise<void> {
  const { url, name, id, uploads, registry, behaviour } = work;
  if (request.method === 'POST') return begin(response, work);
  const isKept = url.searchParams.get('state') === 'kept';
  const have = isKept ? uploads.get(id) : undefined;
  if (have === undefined) return end(response, 404);
  const range = { ...locationOf(name, id), range: `0-${Math.max(0, have.length - 1)}` };
  if (request.method === 'GET') return end(response, 204, range);
  const given = request.headers['content-range'];
  if (given !== undefined && !given.startsWith(`${have.length}-`)) return end(response, 416, range);
  const cut = behaviour.cutUploads?.shift();
  const part = await readBody(request, cut);
  uploads.set(id, Buffer.concat([have, part]));
  if (cut !== undefined) {
    request.socket.destroy();
    return;
  }
  const bytes = uploads.get(id) ?? part;
  if (request.method === 'PATCH') {
    return end(response, 202, { ...locationOf(name, id), range: `0-${bytes.length - 1}` });
  }
  uploads.delete(id);
  return keep(response, url, bytes, registry);
}

function keep(
  response: ServerResponse,
  { searchParams }: URL,
  bytes: Buffer,
  { blobs }: TestRegistry,
): void {
  const digest = searchParams.get('digest') ?? '';
  if (digestOf(bytes) !== digest) return end(response, 400);
  blobs.set(digest, bytes);
  return end(response, 201, { location: `/blobs/${digest}` });
}

async function readBody(request: IncomingMessage, max = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= max) break;
  }
  return Buffer.concat(chunks).subarray(0, Math.min(size, max));
}

function sendBlob(
  request: IncomingMessage,
  response: ServerResponse,
  blob: Buffer | undefined,
): void {
  if (blob === undefined) return end(response, 404);
  const [, from = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const rest = blob.subarray(Number(from));
  const headers = {
    'content-length': `${rest.length}`,
    ...(from === '0' ? {} : { 'content-range': `bytes ${from}-${blob.length - 1}/${blob.length}` }),
  };
  response.writeHead(from === '0' ? 200 : 206, headers);
  response.end(request.method === 'HEAD' ? undefined : rest);
}

interface ManifestPut {
  readonly reference: string;
  readonly registry: TestRegistry;
  readonly behaviour: Behaviour;
}

async function putManifest(
  request: IncomingMessage,
  response: ServerResponse,
  { reference, registry, behaviour }: ManifestPut,
): Promise<void> {
  const { listsReferrers = false } = behaviour;
  const bytes = await readBody(request);
  const type = request.headers['content-type'] ?? '';
  const stored = { type, bytes };
  const { subject } = JSON.parse(bytes.toString()) as { subject?: { digest: string } };
  registry.manifests.set(digestOf(bytes), stored).set(reference, stored);
  const headers: Record<string, string> =
    subject !== undefined && listsReferrers ? { 'oci-subject': subject.digest } : {};
  end(response, 201, headers);
}

function sendManifest(
  response: ServerResponse,
  stored: { readonly type: string; readonly bytes: Buffer } | undefined,
): void {
  if (stored === undefined) return end(response, 404);
  response.writeHead(200, { 'content-type': stored.type }).end(stored.bytes);
}

function sendReferrers(
  response: ServerResponse,
  digest: string,
  { manifests }: TestRegistry,
  { listsReferrers = false }: Behaviour,
): void {
  if (!listsReferrers) return end(response, 404);
  const found = [...manifests].flatMap(([key, { type, bytes }]) => {
    const manifest = JSON.parse(bytes.toString()) as {
      subject?: { digest: string };
      artifactType?: string;
    };
    if (!key.startsWith('sha256:') || manifest.subject?.digest !== digest) return [];
    return [
      { mediaType: type, digest: key, size: bytes.length, artifactType: manifest.artifactType },
    ];
  });
  response.writeHead(200).end(JSON.stringify({ schemaVersion: 2, manifests: found }));
}
