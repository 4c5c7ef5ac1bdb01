/**
 * A whole small world for tests: a model server on a Unix socket, a real log, a receipt store in
 * memory, a gateway on port 0, and a client that keeps exact bytes.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { generatePrivateKeyPem, readSigner } from '@proofmark/core';
import type { Signer } from '@proofmark/core';
import { memoryLock, openLog } from '@proofmark/tlog';
import type { Log } from '@proofmark/tlog';
import type { Span } from '@proofmark/trace';

import type { GatewayConfig, Route, TenantKey, Upstream } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';
import type { Gateway, GatewayDeps } from '../src/gateway.ts';
import { openReceiptIssuer } from '../src/receipt/issuer.ts';
import type { ReceiptIssuer, ReceiptSink, StoredReceipt } from '../src/receipt/issuer.ts';
import type { ShadowPair } from '../src/shadow/lane.ts';
import type { LedgerRow } from '../src/steps/ledger.ts';
import type { ScoreRow } from '../src/steps/score.ts';
import { hashTenantKey } from '../src/tenant-key.ts';

export const KEY = 'pm-test-key-0123456789';
export const OTHER_KEY = 'pm-test-key-of-somebody-else';
export const SECRET: Uint8Array = randomBytes(32);
export const LOG_ORIGIN = 'test.example/log';
export const DIGEST_A: string = 'a'.repeat(64);
export const DIGEST_B: string = 'b'.repeat(64);
export const DIGEST_C: string = 'c'.repeat(64);

/** What the model server of a test does with a request. */
export type Model = (body: Record<string, unknown>, call: ModelCall) => void;

export interface ModelCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The exact bytes that arrived. */
  readonly bytes: Buffer;
}

/** A store of receipts as a database would be: idempotent by id, the first stays. */
export function memorySink(): ReceiptSink & { readonly rows: Map<string, StoredReceipt> } {
  const rows = new Map<string, StoredReceipt>();
  return {
    rows,
    put(receipts) {
      for (const receipt of receipts) if (!rows.has(receipt.id)) rows.set(receipt.id, receipt);
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(rows.get(id) ?? null),
  };
}

/** An answer of the model, whole or as a stream, with this text. */
export function answering(text: string, model = 'support'): Model {
  return (body, { response }) => {
    if (body['stream'] === true) sendChunks(response, text.match(/[\s\S]{1,7}/g) ?? [], model);
    else sendWhole(response, text, model);
  };
}

export function sendWhole(response: ServerResponse, text: string, model = 'support'): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model,
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    }),
  );
}

/** One chunk as a model server writes it. */
export function chunk(delta: object, finish: string | null = null, model = 'support'): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices })}\n\n`;
}

export function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

function sendChunks(response: ServerResponse, pieces: readonly string[], model: string): void {
  beginStream(response);
  response.write(chunk({ role: 'assistant', content: '' }, null, model));
  for (const piece of pieces) response.write(chunk({ content: piece }, null, model));
  response.write(chunk({}, 'stop', model));
  response.end('data: [DONE]\n\n');
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  json(): Record<string, unknown>;
}

export interface World {
  readonly gateway: Gateway;
  readonly port: number;
  readonly issuer: ReceiptIssuer;
  readonly sink: ReturnType<typeof memorySink>;
  readonly log: Log;
  readonly logSigner: Signer;
  readonly receiptSigner: Signer;
  readonly spans: Span[];
  readonly ledger: LedgerRow[];
  readonly scores: ScoreRow[];
  readonly pairs: ShadowPair[];
  readonly dropped: string[];
  readonly upstream: Upstream;
  readonly config: GatewayConfig;
  /** The exact request body that a chat of these fields has. */
  chatBody(fields?: object): Buffer;
  chat(fields?: object, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, url: string, options?: SendOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface SendOptions {
  readonly body?: Buffer | string;
  readonly headers?: Record<string, string>;
  readonly key?: string;
}

export interface WorldOptions {
  readonly model: Model;
  readonly route?: Partial<Route>;
  readonly tenant?: Partial<TenantKey>;
  readonly deps?: Partial<GatewayDeps>;
  readonly clock?: () => number;
  readonly sink?: ReceiptSink;
}

export function testRoute(upstream: Upstream, route: Partial<Route> = {}): Route {
  return {
    id: 'support-live',
    model: 'support',
    owner: 'team-support',
    target: {
      name: 'support-assistant',
      version: '1.2.0',
      manifestDigest: DIGEST_A,
      omsRoot: DIGEST_B,
      promotionIndex: 7,
      policyDigest: DIGEST_C,
      evidenceLevel: 'verified-at-load',
    },
    upstream,
    guardrails: [],
    scorers: [],
    ...route,
  };
}

/** Runs `step` in a world and takes the world down whatever happens. */
export async function inWorld(
  options: WorldOptions,
  step: (world: World) => Promise<void>,
): Promise<void> {
  const world = await openWorld(options);
  try {
    await step(world);
  } finally {
    await world.close();
  }
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-gateway-'));
  const server = await modelServer(options.model, path.join(folder, 'model.sock'));
  const upstream: Upstream = { connect: () => connectTo(path.join(folder, 'model.sock')) };
  const clock = options.clock ?? Date.now;
  const logSigner = readSigner(generatePrivateKeyPem('ed25519'));
  const receiptSigner = readSigner(generatePrivateKeyPem('ed25519'));
  const log = await openLog({
    directory: path.join(folder, 'log'),
    origin: LOG_ORIGIN,
    signer: logSigner,
    lock: memoryLock(),
    clock,
  });
  const sink = memorySink();
  const issuer = await openReceiptIssuer({
    spool: { directory: path.join(folder, 'spool'), sync: 'process' },
    signer: receiptSigner,
    sink: options.sink ?? sink,
    log,
    clock,
    intervalMs: 60_000,
  });
  const spans: Span[] = [];
  const ledger: LedgerRow[] = [];
  const scores: ScoreRow[] = [];
  const pairs: ShadowPair[] = [];
  const dropped: string[] = [];
  const config: GatewayConfig = {
    routes: [testRoute(upstream, options.route)],
    tenants: [
      {
        id: 'acme',
        keyHash: hashTenantKey(SECRET, KEY),
        routes: ['support-live'],
        rpm: 1000,
        ...options.tenant,
      },
      { id: 'other', keyHash: hashTenantKey(SECRET, OTHER_KEY), routes: [], rpm: 1000 },
    ],
  };
  const gateway = createGateway(config, {
    secret: SECRET,
    issuer,
    tracer: { record: (span) => spans.push(span) },
    ledger: { record: (row) => ledger.push(row) },
    onScore: (row) => scores.push(row),
    shadow: { pair: (pair) => pairs.push(pair), dropped: (runId) => dropped.push(runId) },
    clock,
    ...options.deps,
  });
  const { port } = await gateway.listen(0);
  const chatBody = (fields: object = {}): Buffer =>
    Buffer.from(
      JSON.stringify({
        model: 'support',
        messages: [{ role: 'user', content: 'Where is my order?' }],
        ...fields,
      }),
    );
  const send = (method: string, url: string, sendOptions: SendOptions = {}): Promise<Answer> =>
    exchange(port, method, url, sendOptions);
  return {
    gateway,
    port,
    issuer,
    sink,
    log,
    logSigner,
    receiptSigner,
    spans,
    ledger,
    scores,
    pairs,
    dropped,
    upstream,
    config,
    chatBody,
    chat: (fields, headers = {}) =>
      send('POST', '/v1/chat/completions', { body: chatBody(fields), headers }),
    send,
    async close() {
      await gateway.close(0);
      await issuer.close();
      await log.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function modelServer(model: Model, socket: string): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (part: Buffer) => chunks.push(part));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      model(JSON.parse(bytes.toString('utf8')) as Record<string, unknown>, {
        request,
        response,
        bytes,
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

export function connectTo(socket: string): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const connection = net.connect(socket);
    connection.once('connect', () => {
      connection.off('error', reject);
      resolve(connection);
    });
    connection.once('error', reject);
  });
}

/** One request on a connection of its own; keeps the exact bytes. */
function exchange(
  port: number,
  method: string,
  url: string,
  { body, headers = {}, key = KEY }: SendOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        method,
        path: url,
        agent: false,
        headers: {
          ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (part: Buffer) => chunks.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            text: bytes.toString('utf8'),
            json: () => JSON.parse(bytes.toString('utf8')) as Record<string, unknown>,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Resolves when `ready` is true, looking again after every turn of the event loop. */
export async function until(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((resolve) => setImmediate(resolve));
}

/** The text that an OpenAI client puts together from a stream. */
export function streamedText(body: string): string {
  return body
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)) as { choices?: { delta?: { content?: string } }[] })
    .map(({ choices }) => choices?.[0]?.delta?.content ?? '')
    .join('');
}
