/**
 * Carries one allowed CONNECT tunnel: checks the ClientHello, then dials, then copies bytes.
 *
 * Nothing is sent outside before the ClientHello asked for the allowed name. The dialled address is
 * the one that was checked. Bounded in bytes, idle time and lifetime.
 *
 * @module
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { EgressRuleName } from './attempt.ts';
import { MAX_HELLO_BYTES, readClientHello } from './client-hello.ts';

export interface TunnelLimits {
  /** Time for the ClientHello to arrive. */
  readonly helloMs: number;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly lifetimeMs: number;
  /** Both directions together. */
  readonly maxBytes: number;
}

export interface Tunnel {
  readonly client: Duplex;
  /** Bytes that came together with the CONNECT request. */
  readonly head: Buffer;
  /** The allowed name, or null when the rule allows an address and TLS names nothing. */
  readonly name: string | null;
  readonly address: string;
  readonly port: number;
  readonly limits: TunnelLimits;
  /** Called exactly once. */
  readonly onJudged: (rule: EgressRuleName) => void;
  readonly onUpstream: (socket: Socket) => void;
}

/** Resolves when the tunnel is judged and either closed or carrying. */
export async function carryTunnel(tunnel: Tunnel): Promise<void> {
  const { client } = tunnel;
  const hello = await receiveHello(tunnel);
  const verdict = judgeHello(hello, tunnel.name);
  if (verdict !== 'allowed') {
    tunnel.onJudged(verdict);
    client.destroy();
    return;
  }
  const upstream = await dial(tunnel);
  tunnel.onJudged(upstream === null ? 'unreachable' : 'allowed');
  if (upstream === null) client.destroy();
  else carry(tunnel, upstream, hello);
}

function judgeHello(bytes: Buffer, name: string | null): EgressRuleName {
  const hello = readClientHello(bytes);
  if (hello.kind !== 'hello') return 'not-tls';
  if (hello.encrypted) return 'ech';
  if (name === null) return hello.serverName === null ? 'allowed' : 'sni-mismatch';
  if (hello.serverName === null) return 'sni-missing';
  return hello.serverName === name ? 'allowed' : 'sni-mismatch';
}

/** Everything received until the ClientHello is whole, impossible, or late. */
async function receiveHello({ client, head, limits }: Tunnel): Promise<Buffer> {
  return new Promise((resolve) => {
    let received = head;
    const done = (): void => {
      clearTimeout(timer);
      client.off('data', onData);
      client.off('close', done);
      client.off('end', done);
      client.pause();
      resolve(received);
    };
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (isDecided(received)) done();
    };
    const timer = setTimeout(done, limits.helloMs);
    client.on('close', done);
    client.on('end', done);
    if (isDecided(received)) done();
    else client.on('data', onData);
  });
}

function isDecided(received: Buffer): boolean {
  return received.length >= 2 * MAX_HELLO_BYTES || readClientHello(received).kind !== 'partial';
}

async function dial({ address, port, limits, onUpstream }: Tunnel): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, allowHalfOpen: true });
    onUpstream(socket);
    const fail = (): void => {
      socket.destroy();
      resolve(null);
    };
    socket.setTimeout(limits.connectMs, fail);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      resolve(socket);
    });
  });
}

function carry({ client, limits }: Tunnel, upstream: Socket, hello: Buffer): void {
  let bytes = hello.length;
  const end = (): void => {
    clearTimeout(lifetime);
    client.destroy();
    upstream.destroy();
  };
  const lifetime = setTimeout(end, limits.lifetimeMs);
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > limits.maxBytes) end();
  };
  upstream.setTimeout(limits.idleMs, end);
  for (const socket of [client, upstream]) {
    socket.on('data', count);
    socket.on('error', end);
    socket.on('close', end);
  }
  upstream.write(hello);
  client.pipe(upstream);
  upstream.pipe(client);
}
