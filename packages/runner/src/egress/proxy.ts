/**
 * The only way out of a sandbox: an HTTP CONNECT proxy on one Unix socket, deny by default.
 *
 * One proxy per sandbox, so the socket is the identity. A destination passes only when a rule names
 * it exactly, its name resolves to public addresses only (or the rule pins them), and the TLS
 * ClientHello inside asks for the same name in the clear. The checked address is the dialled one.
 * Every attempt is reported once, and a refusal says which rule in `x-egress-deny`.
 *
 * The init inside also tells here where the server tried to connect directly (`NOTIFY /direct`). The
 * server could say so itself; it is recorded as what it is, a claim of this sandbox about itself.
 *
 * Not offered: plain HTTP, DNS, UDP. TLS is not opened: what is inside an allowed tunnel is between
 * the model and that destination.
 *
 * @module
 */
import { lookup } from 'node:dns/promises';
import { chmodSync, closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';

import { excerpt } from '@proofmark/core';
import type { Clock } from '@proofmark/core';

import { isDeniedAddress } from './address.ts';
import type { EgressAttempt, EgressRuleName, EgressSubject } from './attempt.ts';
import { readAuthority } from './authority.ts';
import type { Authority } from './authority.ts';
import { compileRules, findRule } from './rules.ts';
import type { EgressRule } from './rules.ts';
import { carryTunnel } from './tunnel.ts';
import type { TunnelLimits } from './tunnel.ts';

export interface EgressOptions {
  readonly subject: EgressSubject;
  readonly rules: readonly EgressRule[];
  readonly clock: Clock;
  /** Called once per attempt, synchronously; must not throw. */
  readonly onAttempt: (attempt: EgressAttempt) => void;
  /** All addresses of a name; the system's resolver unless given. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly limits?: Partial<TunnelLimits>;
}

export interface EgressProxy {
  close(): Promise<void>;
}

const SOCKET_NAME = 'egress.sock';
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_MS = 10_000;
/** Attempts that one report may stand for. */
const MAX_TOLD = 10_000;
const DEFAULT_TUNNEL: TunnelLimits = {
  helloMs: 10_000,
  connectMs: 10_000,
  idleMs: 60_000,
  lifetimeMs: 3_600_000,
  maxBytes: 1024 ** 3,
};

type Judgement =
  | { readonly rule: EgressRuleName; readonly destination: string }
  | { readonly rule: 'allowed'; readonly destination: string; readonly tunnel: Allowed };

interface Allowed {
  readonly authority: Exclude<Authority, { readonly kind: 'bad' }>;
  readonly address: string;
}

/** Listens on `egress.sock` in `folder`, which the sandbox sees read-only. */
export async function startEgressProxy(
  folder: string,
  options: EgressOptions,
): Promise<EgressProxy> {
  const proxy = new Proxy(options);
  await proxy.listen(folder);
  return { close: () => proxy.close() };
}

class Proxy {
  readonly #options: EgressOptions;
  readonly #rules: readonly EgressRule[];
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();
  #folderFd = -1;

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#rules = compileRules(options.rules);
    this.#server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) =>
      this.#plain(request, response),
    );
    this.#server.headersTimeout = HEADERS_MS;
    this.#server.requestTimeout = HEADERS_MS;
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
    this.#server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#connect(request, socket, head);
    });
    this.#server.on('clientError', (_error: Error, socket: Duplex) => {
      this.#record('bad-request', '(unreadable request)');
      refuse(socket, 'bad-request');
    });
  }

  async listen(folder: string): Promise<void> {
    // Through a descriptor the path stays under the 107 bytes of sun_path wherever the folder is. It
    // stays open as long as the server: closing unlinks by this path, so the number must not be
    // another folder's by then.
    this.#folderFd = openSync(folder, 'r');
    const path = `/proc/self/fd/${this.#folderFd}/${SOCKET_NAME}`;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(path, resolve);
      });
      // The sandbox runs as another uid; the folder above is ours alone.
      chmodSync(path, 0o666);
    } catch (cause) {
      closeSync(this.#folderFd);
      throw cause;
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    closeSync(this.#folderFd);
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  }

  #plain(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    if (request.method === 'NOTIFY') {
      this.#told(url);
      response.writeHead(204, { connection: 'close' }).end();
      return;
    }
    const target = URL.parse(url);
    const destination = target === null ? (request.headers.host ?? url) : hostAndPort(target);
    this.#record('plain-http', destination);
    response.writeHead(403, { 'x-egress-deny': 'plain-http', connection: 'close' });
    response.end('refused by the egress policy: plain-http\n');
  }

  async #connect(request: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
    const judgement = await this.#judge(request.url ?? '');
    if (!('tunnel' in judgement)) {
      this.#record(judgement.rule, judgement.destination);
      refuse(client, judgement.rule);
      return;
    }
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    const { authority, address } = judgement.tunnel;
    await carryTunnel({
      client,
      head,
      name: authority.kind === 'name' ? authority.host : null,
      address,
      port: authority.port,
      limits: { ...DEFAULT_TUNNEL, ...this.#options.limits },
      onJudged: (rule) => this.#record(rule, judgement.destination),
      onUpstream: (socket) => this.#track(socket),
    });
  }

  async #judge(text: string): Promise<Judgement> {
    const authority = readAuthority(text);
    if (authority.kind === 'bad') return { rule: 'bad-authority', destination: text };
    const destination = `${authority.host}:${authority.port}`;
    const rule = findRule(this.#rules, authority);
    if (rule === null) {
      const why = authority.kind === 'address' ? 'ip-literal' : 'not-allowed';
      return { rule: why, destination };
    }
    const address = await this.#address(authority, rule);
    return typeof address === 'string'
      ? { rule: 'allowed', destination, tunnel: { authority, address } }
      : { ...address, destination };
  }

  /** The one address to dial, decided before any byte leaves. */
  async #address(
    authority: Allowed['authority'],
    rule: EgressRule,
  ): Promise<string | { readonly rule: EgressRuleName }> {
    if (authority.kind === 'address') return authority.host;
    const pinned = rule.addresses?.[0];
    if (pinned !== undefined) return pinned;
    const addresses = await this.#resolve(authority.host);
    const [first] = addresses;
    if (first === undefined) return { rule: 'not-resolved' };
    const own = ownAddresses();
    // One bad answer spoils all: the client of a rebinding name gets to choose by retrying.
    if (addresses.some((address) => isDeniedAddress(address, own))) {
      return { rule: 'resolved-private' };
    }
    return first;
  }

  async #resolve(host: string): Promise<readonly string[]> {
    try {
      if (this.#options.resolve !== undefined) return await this.#options.resolve(host);
      return (await lookup(host, { all: true })).map(({ address }) => address);
    } catch {
      return [];
    }
  }

  /** `/direct?to=HOST:PORT&count=N`, or `to=NAME` for a lookup. */
  #told(url: string): void {
    const query = new URLSearchParams(url.slice(url.indexOf('?') + 1));
    const count = Number(query.get('count'));
    const isCount = Number.isSafeInteger(count) && count >= 1 && count <= MAX_TOLD;
    this.#record('direct', query.get('to') ?? '(unreadable report)', isCount ? count : 1);
  }

  #record(rule: EgressRuleName, destination: string, count = 1): void {
    this.#options.onAttempt({
      ...this.#options.subject,
      outcome: rule === 'allowed' ? 'allowed' : 'denied',
      rule,
      destination: excerpt(destination),
      count,
      atMs: this.#options.clock(),
    });
  }
}

function hostAndPort(url: URL): string {
  const usual = url.protocol === 'https:' ? '443' : '80';
  return `${url.hostname}:${url.port === '' ? usual : url.port}`;
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
}

function refuse(socket: Duplex, rule: EgressRuleName): void {
  if (socket.writable) {
    socket.end(
      `HTTP/1.1 403 Forbidden\r\nx-egress-deny: ${rule}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    );
  }
  socket.once('finish', () => socket.destroy());
}
