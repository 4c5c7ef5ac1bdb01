/**
 * The control plane: the registry and its telemetry over HTTP, on this machine only.
 *
 * JSON in and out, bearer tokens, bounded bodies, bounded times. It listens on loopback addresses and
 * refuses any other: in front of it stands whatever terminates TLS. It holds no state of its own, so
 * it can be stopped at any moment; what it acknowledged is in the stores.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isIP } from 'node:net';

import { permit } from '@proofmark/registry';

import type { Caller, KnownTokens, TokenHash } from './http/caller.ts';
import { ANONYMOUS, authenticate, authorize } from './http/caller.ts';
import { findEndpoint, notFound } from './http/endpoint.ts';
import type { Answer, Endpoint } from './http/endpoint.ts';
import { readJson, readJsonBytes } from './http/body.ts';
import type { EndpointDeps } from './http/endpoints.ts';
import { endpointsOf } from './http/endpoints.ts';
import { HTTP_STATUS, failureOf } from './http/status.ts';
import { ServerError } from './errors.ts';

export interface ControlPlaneConfig {
  /** A loopback address, default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly tokens: readonly TokenHash[];
  /** Of a request, default 8 MiB: the largest is a shadow run with its differences. */
  readonly maxBodyBytes?: number;
  /** From the first byte of a request to its last, default 30 s. */
  readonly requestTimeoutMs?: number;
}

export interface ControlPlaneDeps extends EndpointDeps {
  /** Told of every request that was refused with an error. */
  readonly onRefused?: (error: unknown) => void;
}

export interface ControlPlane {
  /** @throws {ServerError} SERVER_ADDRESS_REFUSED */
  listen(): Promise<{ readonly host: string; readonly port: number }>;
  /** Answers what is under way, then stops. */
  close(): Promise<void>;
}

const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 5000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 256;

export function createServer(config: ControlPlaneConfig, deps: ControlPlaneDeps): ControlPlane {
  const endpoints = endpointsOf(deps);
  const requestTimeout = config.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
  const server = createHttpServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeout),
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      const known = { tokens: config.tokens, credentials: deps.credentials };
      const { onError, onRefused = (): void => undefined } = deps;
      void respond({ request, response, endpoints, config, known, onError, onRefused });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  return {
    listen: () => listen(server, config),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function listen(
  server: Server,
  config: ControlPlaneConfig,
): Promise<{ readonly host: string; readonly port: number }> {
  const host = config.host ?? '127.0.0.1';
  if (!isLoopback(host)) {
    throw new ServerError(
      'SERVER_ADDRESS_REFUSED',
      'cannot listen beyond this machine: use 127.0.0.1 or ::1, and put a proxy with TLS in front',
    );
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, host, () => {
      server.off('error', reject);
      const { address, port } = server.address() as AddressInfo;
      resolve({ host: address, port });
    });
  });
}

/** A name would be resolved by somebody else; only addresses are compared. */
function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly endpoints: readonly Endpoint[];
  readonly config: ControlPlaneConfig;
  readonly known: KnownTokens;
  readonly onError: (error: unknown) => void;
  readonly onRefused: (error: unknown) => void;
}

async function respond(exchange: Exchange): Promise<void> {
  const { request, response, onError, onRefused } = exchange;
  try {
    const given = await answer(exchange);
    // A body that was not read to its end would be taken for the next request.
    if (!request.complete) response.setHeader('connection', 'close');
    send(response, given);
  } catch (error) {
    const { status, body } = failureOf(error);
    if (status >= HTTP_STATUS.SERVER_INTERNAL) onError(error);
    onRefused(error);
    if (!request.complete) response.setHeader('connection', 'close');
    send(response, { kind: 'json', status, value: body });
  }
}

async function answer({ request, endpoints, config, known }: Exchange): Promise<Answer> {
  const url = URL.parse(request.url ?? '', 'http://control-plane');
  if (url === null) throw notFound();
  const { endpoint, parameters } = findEndpoint(endpoints, request.method ?? '', url.pathname);
  const maxBytes = endpoint.maxBodyBytes ?? config.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  return endpoint.handle({
    parameters,
    query: url.searchParams,
    caller: await callerFor(endpoint, request.headers.authorization, known),
    body: () => readJson(request, maxBytes),
    text: async () => Buffer.from(await readJsonBytes(request, maxBytes)).toString('utf8'),
    message: request,
  });
}

async function callerFor(
  { needs }: Endpoint,
  authorization: string | undefined,
  known: KnownTokens,
): Promise<Caller> {
  if (needs === 'none' || needs === 'tenant') return ANONYMOUS;
  const caller = await authenticate(authorization, known);
  if (needs === 'self') return caller;
  const able = needs.find((action) => permit(caller.grants, action) !== 'role');
  authorize(caller, able ?? needs[0] ?? 'administer');
  return caller;
}

function send(response: ServerResponse, given: Answer): void {
  const isJson = given.kind === 'json';
  const bytes = isJson ? Buffer.from(JSON.stringify(given.value)) : given.bytes;
  response.writeHead(given.status, {
    ...(isJson ? {} : given.headers),
    'content-type': isJson ? 'application/json; charset=utf-8' : given.contentType,
    'content-length': bytes.length,
    'cache-control': isJson ? 'no-store' : given.cacheControl,
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
}
