/**
 * The write-ahead spool of receipts: what was promised to clients and is not yet in store and log.
 *
 * Promises: when `write` resolves, the record survives the death of the process, and with `sync:
 * 'disk'` that of the machine (fdatasync, one per group of concurrent writes). A record is deleted
 * only after `release`. Reading back after a crash gives every record whose `write` had resolved;
 * only the cut end of the newest segment is forgiven.
 *
 * The folder belongs to one process at a time; the caller holds its lock. Segments are named
 * `00000001.spool` and counted up; an old one is deleted when nothing before it is still needed.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { mkdir, open, readFile, readdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';

import { GatewayError } from '../errors.ts';
import { SpoolLines, parseSpoolLine } from './spool-record.ts';
import type { SpoolRecord } from './spool-record.ts';

export interface SpoolOptions {
  /** Made with mode 0700 when it is missing. */
  readonly directory: string;
  /** What a write outlives: `disk` a power failure, `process` a crash of the gateway. */
  readonly sync: 'disk' | 'process';
  /** Bytes of one segment before the next begins, default 16 MiB. */
  readonly segmentBytes?: number;
  /** Bytes of all segments before writes are refused, default 128 MiB. */
  readonly maxBytes?: number;
}

export interface Spool {
  /**
   * Resolves when the record is durable. Concurrent calls share one write and one sync.
   *
   * @throws {GatewayError} GATEWAY_RECEIPT_UNAVAILABLE: the record may or may not be durable
   */
  write(record: SpoolRecord): Promise<void>;
  /** Everything about this id is stored elsewhere: its segment may be deleted. */
  release(id: string): void;
  /** Whether the next write would be refused because the spool is full or broken. */
  full(): boolean;
  close(): Promise<void>;
}

/** Records that one write takes to the file; all their writers wait for the same promise. */
interface Group {
  readonly records: SpoolRecord[];
  readonly written: PromiseWithResolvers<void>;
}

/**
 * Opens the spool and reads what an earlier process left.
 *
 * @throws {GatewayError} GATEWAY_SPOOL_CORRUPT
 */
export async function openSpool(
  options: SpoolOptions,
): Promise<{ readonly spool: Spool; readonly records: readonly SpoolRecord[] }> {
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const numbers = await segmentNumbers(options.directory);
  const spool = new SegmentedSpool(options, (numbers.at(-1) ?? 0) + 1);
  const records: SpoolRecord[] = [];
  for (const number of numbers) {
    const bytes = await readFile(path.join(options.directory, segmentName(number)));
    const found = readSegment(bytes.toString('utf8'), segmentName(number));
    records.push(...found);
    spool.adopt(number, bytes.length, found);
  }
  return { spool, records };
}

async function segmentNumbers(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names
    .map((name) => /^(\d{8})\.spool$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b);
}

/**
 * Each process begins a segment of its own, so every segment may end with a line that a crash cut.
 * Nothing whole may follow a damaged line: that is damage of another kind.
 */
function readSegment(text: string, name: string): SpoolRecord[] {
  const records: SpoolRecord[] = [];
  let damagedAt = 0;
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const record = at === lines.length - 1 ? null : parseSpoolLine(line);
    if (record === null) damagedAt ||= at + 1;
    else if (damagedAt > 0) throw corrupt(name, damagedAt);
    else records.push(record);
  }
  return records;
}

class SegmentedSpool implements Spool {
  readonly #options: SpoolOptions;
  readonly #segmentBytes: number;
  readonly #maxBytes: number;
  #nextNumber: number;
  #file: FileHandle | null = null;
  #fileNumber = 0;
  #fileBytes = 0;
  readonly #lines = new SpoolLines();
  /** What comes while a group is being written. */
  #waiting: Group | null = null;
  /** Cleared in the same step that finds nothing waiting, so that no write is left behind. */
  #busy = false;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown = null;
  /** Bytes by segment, and how many ids have their first record there. In ascending order. */
  readonly #segments = new Map<number, { bytes: number; needed: number }>();
  readonly #segmentOf = new Map<string, number>();
  #totalBytes = 0;
  #deleting: Promise<void> = Promise.resolve();

  constructor(options: SpoolOptions, first: number) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? 16 * 1024 * 1024;
    this.#maxBytes = options.maxBytes ?? 128 * 1024 * 1024;
    this.#nextNumber = first;
  }

  /** Takes over a segment of an earlier process. */
  adopt(number: number, bytes: number, records: readonly SpoolRecord[]): void {
    this.#segments.set(number, { bytes, needed: 0 });
    this.#totalBytes += bytes;
    for (const record of records) this.#account(record, number);
  }

  write(record: SpoolRecord): Promise<void> {
    if (this.full()) return Promise.reject(unavailable(this.#failure));
    this.#waiting ??= { records: [], written: Promise.withResolvers() };
    const { records, written } = this.#waiting;
    records.push(record);
    if (!this.#busy) {
      this.#busy = true;
      this.#writing = this.#writeAll();
    }
    return written.promise;
  }

  release(id: string): void {
    const number = this.#segmentOf.get(id);
    if (number === undefined) return;
    this.#segmentOf.delete(id);
    const segment = this.#segments.get(number);
    if (segment === undefined) return;
    segment.needed -= 1;
    if (segment.needed === 0) this.#deleteUnneeded();
  }

  full(): boolean {
    return this.#failure !== null || this.#totalBytes >= this.#maxBytes;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = null;
    this.#fileNumber = 0;
    this.#deleteUnneeded();
    await this.#deleting;
  }

  async #writeAll(): Promise<void> {
    // The microtask lets the calls of the same tick join the group.
    await Promise.resolve();
    for (let group = this.#next(); group !== null; group = this.#next()) {
      try {
        await this.#writeGroup(group.records);
        group.written.resolve();
      } catch (error) {
        // After a failed write nobody knows what the file holds: the next lines begin a new segment
        // in the next process, and this one refuses.
        this.#failure = error;
        group.written.reject(unavailable(error));
        this.#next()?.written.reject(unavailable(error));
      }
    }
    this.#busy = false;
  }

  #next(): Group | null {
    const group = this.#waiting;
    this.#waiting = null;
    return group;
  }

  async #writeGroup(records: readonly SpoolRecord[]): Promise<void> {
    const file = await this.#segment();
    const bytes = this.#lines.encode(records);
    for (const { id } of records) this.#assign(id, this.#fileNumber);
    this.#fileBytes += bytes.length;
    this.#totalBytes += bytes.length;
    const segment = this.#segments.get(this.#fileNumber);
    if (segment !== undefined) segment.bytes += bytes.length;
    for (let at = 0; at < bytes.length;) {
      // Into the page cache: a thread's hand-over would cost ten times the write itself.
      at += writeSync(file.fd, bytes, at, bytes.length - at);
    }
    if (this.#options.sync === 'disk') await file.datasync();
  }

  async #segment(): Promise<FileHandle> {
    if (this.#file !== null && this.#fileBytes < this.#segmentBytes) return this.#file;
    await this.#file?.close();
    this.#fileNumber = this.#nextNumber;
    this.#nextNumber += 1;
    this.#fileBytes = 0;
    this.#segments.set(this.#fileNumber, { bytes: 0, needed: 0 });
    const name = path.join(this.#options.directory, segmentName(this.#fileNumber));
    const file = await open(name, 'wx', 0o600);
    this.#file = file;
    if (this.#options.sync === 'disk') await syncDirectory(this.#options.directory);
    this.#deleteUnneeded();
    return file;
  }

  #account(record: SpoolRecord, number: number): void {
    // A batch and its end are needed only as long as the receipts in it are.
    if (record.kind === 'open' || record.kind === 'done') this.#assign(record.id, number);
  }

  #assign(id: string, number: number): void {
    if (this.#segmentOf.has(id) || !id.startsWith('rcpt_')) return;
    this.#segmentOf.set(id, number);
    const segment = this.#segments.get(number);
    if (segment !== undefined) segment.needed += 1;
  }

  /** Oldest first, so that the end of a batch outlives the receipts that it is about. */
  #deleteUnneeded(): void {
    for (const [number, { bytes, needed }] of this.#segments) {
      if (needed > 0 || number === this.#fileNumber) return;
      this.#segments.delete(number);
      this.#totalBytes -= bytes;
      const name = path.join(this.#options.directory, segmentName(number));
      this.#deleting = this.#deleting.then(() => unlink(name)).catch(() => undefined);
    }
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.spool`;
}

function unavailable(cause: unknown): GatewayError {
  return new GatewayError(
    'GATEWAY_RECEIPT_UNAVAILABLE',
    'cannot make the receipt durable: the spool is full or cannot be written; check the disk and whether receipts reach their store',
    cause === null ? {} : { cause },
  );
}

function corrupt(name: string, line: number): GatewayError {
  return new GatewayError(
    'GATEWAY_SPOOL_CORRUPT',
    `cannot read the receipt spool: line ${line} of ${name} is damaged; restore the file, or move it away and record that its receipts are lost`,
    { details: { segment: name, line } },
  );
}
