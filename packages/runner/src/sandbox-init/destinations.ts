/**
 * Tells the egress proxy outside where the server tried to connect, as the watcher and the name
 * service saw it.
 *
 * The server could speak to the proxy itself, so what is told is a claim about its own sandbox: it
 * can add to the record and take nothing from what the kernel counts. Equal destinations of a moment
 * are told once, with their number.
 *
 * @module
 */
import { request } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

export interface DestinationReports {
  add(destination: string): void;
  /** Tells what is waiting; resolves when it was heard, or after a moment. */
  close(): Promise<void>;
}

const RECORD_BYTES = 32;
const AF_INET = 2;
const AF_INET6 = 10;
const DNS_PORT = 53;
const FLUSH_MS = 20;
const CLOSE_MS = 200;
const MAX_DESTINATIONS = 64;

/** Posts to the proxy's socket; a report that fails is dropped, the kernel's count remains. */
export function reportDestinations(socketPath: string): DestinationReports {
  const waiting = new Map<string, number>();
  const posting = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | null = null;
  const tell = (destination: string, count: number): void => {
    const told = post(socketPath, destination, count).finally(() => posting.delete(told));
    posting.add(told);
  };
  const flush = (): void => {
    timer = waiting.size === 0 ? null : setTimeout(flush, FLUSH_MS).unref();
    for (const [destination, count] of waiting) tell(destination, count);
    waiting.clear();
  };
  return {
    add(destination) {
      const known = waiting.get(destination);
      if (known === undefined && waiting.size >= MAX_DESTINATIONS) return;
      waiting.set(destination, (known ?? 0) + 1);
      // The first is told at once, what follows closely is told together.
      if (timer === null) flush();
    },
    async close() {
      flush();
      await Promise.race([Promise.all(posting), delay(CLOSE_MS)]);
    },
  };
}

/** Reads the watcher's records for as long as the server lives. */
export function readWatcher(records: Readable, reports: DestinationReports): void {
  let rest = Buffer.alloc(0);
  records.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (; rest.length >= RECORD_BYTES; rest = rest.subarray(RECORD_BYTES)) {
      const destination = readDestination(rest.subarray(4, RECORD_BYTES));
      if (destination !== null) reports.add(destination);
    }
  });
}

/**
 * `host:port` out of a `struct sockaddr`, or null for what stays in the sandbox: other families, the
 * loopback, and addresses that could not be read.
 */
export function readDestination(sockaddr: Buffer): string | null {
  const family = sockaddr.readUInt16LE(0);
  const port = sockaddr.readUInt16BE(2);
  if (family === AF_INET) {
    const bytes = [...sockaddr.subarray(4, 8)];
    const isLoopback = bytes[0] === 127 || bytes.every((byte) => byte === 0);
    if (isLoopback) return port === DNS_PORT ? 'name resolution' : null;
    return `${bytes.join('.')}:${port}`;
  }
  if (family === AF_INET6) return readDestination6(sockaddr.subarray(8, 24), port);
  return null;
}

function readDestination6(bytes: Buffer, port: number): string | null {
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
  if (isMapped) {
    const inner = Buffer.alloc(16);
    inner.writeUInt16LE(AF_INET, 0);
    inner.writeUInt16BE(port, 2);
    bytes.copy(inner, 4, 12);
    return readDestination(inner);
  }
  // :: and ::1
  if (bytes.subarray(0, 15).every((byte) => byte === 0) && bytes.readUInt8(15) <= 1) return null;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  const host = new URL(`http://[${groups.join(':')}]/`).hostname;
  return `${host}:${port}`;
}

/** Resolves when it was heard or failed. */
function post(socketPath: string, destination: string, count: number): Promise<void> {
  const query = new URLSearchParams({ to: destination, count: String(count) });
  const told = request({ socketPath, method: 'NOTIFY', path: `/direct?${query.toString()}` });
  return new Promise((resolve) => {
    told.on('response', (response) => response.resume());
    told.on('close', resolve);
    told.on('error', () => undefined);
    told.end();
  });
}
