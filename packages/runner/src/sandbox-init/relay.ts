/**
 * Carries TCP connections on the sandbox's loopback to the egress socket, byte for byte.
 *
 * Programs know how to use an HTTP proxy at a host and port, not at a Unix socket. The relay decides
 * nothing: the proxy behind the socket, outside, judges and records every attempt.
 *
 * @module
 */
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

const MAX_CONNECTIONS = 64;

/** Listens on 127.0.0.1:`port` (0 picks one) and resolves when it does. */
export async function startRelay(port: number, socketPath: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (client) => relay(client, socketPath));
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

function relay(client: Socket, socketPath: string): void {
  const proxy = connect({ path: socketPath, allowHalfOpen: true });
  const end = (): void => {
    client.destroy();
    proxy.destroy();
  };
  for (const socket of [client, proxy]) {
    socket.on('error', end);
    socket.on('close', end);
  }
  client.pipe(proxy);
  proxy.pipe(client);
}
