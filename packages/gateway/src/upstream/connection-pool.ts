/**
 * Kept-alive HTTP/1.1 connections to one model server, one request at a time on each.
 *
 * One undici client per connection, so that the pool knows how many requests a connection has
 * served: only a request on a reused connection may be sent again when the connection turns out to
 * be dead. There is no queue: when every connection is busy the caller is told so and sheds load.
 *
 * @module
 */
import type { Socket } from 'node:net';

import { Client } from 'undici';

import type { Upstream } from '../config.ts';

interface Connection {
  readonly client: Client;
  busy: boolean;
  /** Requests begun since it was connected. */
  served: number;
}

/** One connection, for one request. */
export interface Lease {
  readonly client: Client;
  /** Whether an earlier request went over this connection. */
  readonly reused: boolean;
  /** A connection that no request has used, for one second try. */
  fresh(): Lease;
  release(): void;
}

/** Never resolved by DNS: the connector ignores it. It is the Host header that the server sees. */
const ORIGIN = 'http://model.internal';
const CONNECT_TIMEOUT_MS = 5_000;
/** Below the 5 s after which Node servers close idle connections. */
const KEEP_ALIVE_MS = 4_000;

/** Belongs to one gateway process. */
export class ConnectionPool {
  readonly #upstream: Upstream;
  #connections: Connection[] = [];
  #busy = 0;
  #closed = false;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  get busy(): number {
    return this.#busy;
  }

  /** A connection, or null when `max` requests are in progress. */
  acquire(max: number): Lease | null {
    if (this.#closed || this.#busy >= max) return null;
    // Last used first: the others get idle and are closed.
    const idle = this.#connections.findLast(({ busy }) => !busy);
    return this.#lease(idle ?? this.#connect());
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connections = this.#connections;
    this.#connections = [];
    await Promise.all(connections.map(({ client }) => client.destroy()));
  }

  #lease(connection: Connection): Lease {
    const reused = connection.served > 0;
    connection.busy = true;
    connection.served += 1;
    this.#busy += 1;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      connection.busy = false;
      this.#busy -= 1;
      if (this.#closed) void connection.client.destroy();
    };
    return {
      client: connection.client,
      reused,
      fresh: () => {
        release();
        this.#remove(connection);
        return this.#lease(this.#connect());
      },
      release,
    };
  }

  #connect(): Connection {
    const client = new Client(ORIGIN, {
      connect: (_options, callback) => {
        connectWithin(this.#upstream, CONNECT_TIMEOUT_MS).then(
          (socket) => {
            callback(null, socket);
          },
          (error: unknown) => {
            callback(error instanceof Error ? error : new Error('cannot connect'), null);
          },
        );
      },
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // The call keeps its own deadlines; undici's are per read and reset by any byte.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const connection: Connection = { client, busy: false, served: 0 };
    client.on('disconnect', () => {
      connection.served = 0;
    });
    this.#connections.push(connection);
    return connection;
  }

  #remove(connection: Connection): void {
    this.#connections = this.#connections.filter((c) => c !== connection);
    void connection.client.destroy();
  }
}

/** A socket that arrives after the time is up is closed, not leaked. */
async function connectWithin(upstream: Upstream, timeoutMs: number): Promise<Socket> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    reject(new Error(`no connection within ${timeoutMs} ms`));
  }, timeoutMs);
  const connecting = upstream.connect().then((socket) => {
    if (expired) socket.destroy();
    socket.setNoDelay(true);
    return socket;
  });
  try {
    return await Promise.race([connecting, late]);
  } finally {
    clearTimeout(timer);
  }
}
