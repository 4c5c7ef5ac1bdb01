/**
 * Answers name lookups inside the sandbox: not found, every time, and the name is noted.
 *
 * glibc asks a name service cache on a Unix socket before it looks anywhere else (nscd protocol
 * version 2, `nscd/nscd-client.h`), so a program that wants a host by name says which one. Programs
 * with another resolver find no DNS server; the kernel counts that.
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import path from 'node:path';

const VERSION = 2;
const MAX_NAME_BYTES = 1025;
const HEADER_BYTES = 12;
const GETHOSTBYNAME = 4;
const GETHOSTBYNAMEV6 = 5;
const GETAI = 14;
const HOST_NOT_FOUND = 1;
const MAX_CONNECTIONS = 64;
const IDLE_MS = 2000;

/** Listens on the socket and resolves when it does. `onName` gets what was asked for. */
export async function startNameService(
  socketPath: string,
  onName: (name: string) => void,
): Promise<Server> {
  mkdirSync(path.dirname(socketPath), { recursive: true });
  const server = createServer((client) => serve(client, onName));
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return server;
}

function serve(client: Socket, onName: (name: string) => void): void {
  let received = Buffer.alloc(0);
  client.setTimeout(IDLE_MS, () => client.destroy());
  client.on('error', () => client.destroy());
  client.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const request = readRequest(received);
    if (request === 'partial') return;
    client.removeAllListeners('data');
    const answer = request === 'bad' ? null : notFound(request.type);
    if (request === 'bad' || answer === null) {
      // Such as a request for the cache's own memory: there is none.
      client.destroy();
      return;
    }
    onName(request.name);
    client.end(answer);
  });
}

type Request = { readonly type: number; readonly name: string } | 'partial' | 'bad';

/** `int32 version, int32 type, int32 length`, then the name with its NUL. */
function readRequest(bytes: Buffer): Request {
  if (bytes.length < HEADER_BYTES) return 'partial';
  const length = bytes.readInt32LE(8);
  if (bytes.readInt32LE(0) !== VERSION || length < 1 || length > MAX_NAME_BYTES) return 'bad';
  if (bytes.length < HEADER_BYTES + length) return 'partial';
  const name = bytes.toString('latin1', HEADER_BYTES, HEADER_BYTES + length - 1);
  return { type: bytes.readInt32LE(4), name };
}

function notFound(type: number): Buffer | null {
  // ai_response_header: version, found, naddrs, addrslen, canonlen, error.
  if (type === GETAI) return words(VERSION, 0, 0, 0, 0, HOST_NOT_FOUND);
  // hst_response_header: version, found, h_name_len, h_aliases_cnt, h_addrtype, h_length,
  // h_addr_list_cnt, error.
  if (type === GETHOSTBYNAME || type === GETHOSTBYNAMEV6) {
    return words(VERSION, 0, 0, 0, -1, -1, 0, HOST_NOT_FOUND);
  }
  return null;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeInt32LE(value, i * 4));
  return bytes;
}
