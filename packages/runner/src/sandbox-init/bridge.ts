/**
 * Lets a server that only speaks TCP be reached through the sandbox's Unix socket, for listed
 * requests only.
 *
 * Why a list: serving stacks put administration beside inference (`/update_weights`, `/pause`,
 * `/v1/load_lora_adapter`), often without the API key check. What is not listed is answered 404 here
 * and never reaches the server. Bodies stream both ways; nothing is buffered or logged.
 *
 * @module
 */
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import type { BridgeRoute } from './plan.ts';

export interface BridgeOptions {
  readonly socketPath: string;
  readonly port: number;
  readonly routes: readonly BridgeRoute[];
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Listens on the Unix socket and resolves when it does. */
export async function startBridge(options: BridgeOptions): Promise<Server> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const server = createServer((incoming, outgoing) => {
    if (isListed(incoming, options.routes)) forward(incoming, outgoing, options.port, agent);
    else refuse(incoming, outgoing, 404, 'this request is not on the allow-list of the sandbox');
  });
  server.on('close', () => agent.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.socketPath, resolve);
  });
  return server;
}

function isListed(incoming: IncomingMessage, routes: readonly BridgeRoute[]): boolean {
  const path = (incoming.url ?? '').split('?')[0];
  return routes.some((route) => route.method === incoming.method && route.path === path);
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  port: number,
  agent: Agent,
): void {
  const upstream = request({
    agent,
    host: '127.0.0.1',
    port,
    method: incoming.method,
    path: incoming.url,
    headers: { ...endToEnd(incoming), host: `127.0.0.1:${port}` },
  });
  upstream.on('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, endToEnd(response));
    response.pipe(outgoing);
    // A server that dies mid-answer must break the client's stream, never end it cleanly.
    response.on('error', () => outgoing.destroy());
    response.on('aborted', () => outgoing.destroy());
  });
  upstream.on('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else refuse(incoming, outgoing, 502, 'the model server did not answer');
  });
  outgoing.on('close', () => upstream.destroy());
  incoming.pipe(upstream);
}

function endToEnd(message: IncomingMessage): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name)) kept[name] = value;
  }
  return kept;
}

function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  message: string,
): void {
  incoming.resume();
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ error: { type: 'sandbox_refused', code: null, message } }));
}
