/**
 * Our log, read by client modules that others wrote: checkpoints, tiles, bundles and `.tlog-proof`
 * files, from the folder and from the server's HTTP.
 *
 * The program in `tlog-client/` is built with Go into node_modules/.cache/interop-tlog; that takes the
 * Go tools, a network and about half a minute, so the tests run on request only.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';

import { sha256Hex } from '@proofmark/core';
import { ORIGIN, openWorld, signers } from '@proofmark/registry/test/world';
import { createServer, openTelemetryStore } from '@proofmark/server';
import { encodeEntry, formatVkey, memoryLock, openLog, logNoteKey } from '@proofmark/tlog';
import type { Log } from '@proofmark/tlog';

import { noAccess } from '../fixtures/no-access.ts';

const source = path.join(import.meta.dirname, 'tlog-client');
const cache = path.join(import.meta.dirname, '../../../../node_modules/.cache/interop-tlog');
const program = path.join(cache, 'tlog-client');
const vkey = formatVkey(logNoteKey(ORIGIN, signers.log.publicKey));
/** Below, at and above what one tile holds, and two levels of tiles. */
const SIZES: readonly (readonly [number, number])[] = [
  [1, 2],
  [255, 256],
  [256, 257],
  [300, 70_000],
];

interface Written {
  readonly folder: string;
  /** Where entry, proof and earlier checkpoint lie. */
  readonly files: string;
}

describe('client modules of another project', { skip: whyNot(), timeout: 300_000 }, () => {
  for (const [earlier, size] of SIZES) {
    test(`verify a log of ${size} entries that had ${earlier}, from disk and over HTTP`, async (t) => {
      const written = await writeLog(earlier, size);
      const said = new RegExp(
        `checkpoint of ${size} verified; ${size} of ${size} entries proven from tiles; ` +
          `extends checkpoint of ${earlier}; proof file of entry ${earlier} verified`,
      );

      assert.match(await read(t, written.folder, written), said);
      assert.match(await read(t, await serve(t, written.folder), written), said);
    });
  }

  test('refuse a log with one changed entry, and a proof of another entry', async (t) => {
    const written = await writeLog(3, 5);
    writeFileSync(path.join(written.files, 'entry'), entryAt(4));
    await assert.rejects(read(t, written.folder, written), /calculated root/);

    const bundle = path.join(written.folder, 'tile/entries/000.p/5');
    const bytes = readFileSync(bundle);
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    writeFileSync(bundle, bytes);
    await assert.rejects(read(t, written.folder, written), /entry 0: calculated root/);
  });
});

/** A log of `size` entries, the checkpoint that it had at `earlier`, and a proof of that entry. */
async function writeLog(earlier: number, size: number): Promise<Written> {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-log-'));
  const files = mkdtempSync(path.join(tmpdir(), 'proofmark-interop-'));
  const log = await openLog({
    directory: folder,
    origin: ORIGIN,
    signer: signers.log,
    lock: memoryLock(),
    clock: Date.now,
  });
  await append(log, 0, earlier);
  writeFileSync(path.join(files, 'earlier'), readFileSync(path.join(folder, 'checkpoint')));
  await append(log, earlier, size);
  writeFileSync(path.join(files, 'entry'), entryAt(earlier));
  writeFileSync(path.join(files, 'proof'), await log.proof(earlier));
  return { folder, files };
}

async function append(log: Log, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += 50_000) {
    const until = Math.min(to, at + 50_000);
    await log.append(Array.from({ length: until - at }, (_, i) => entryAt(at + i)));
  }
  await log.published();
}

function entryAt(index: number): Uint8Array {
  return encodeEntry({ kind: 'test', digest: sha256Hex(String(index)) });
}

/** Serves the log as the registry does, and says where. */
async function serve(t: TestContext, logDirectory: string): Promise<string> {
  const { registry, clock } = await openWorld();
  const server = createServer(
    { port: 0, maxBodyBytes: 1_000_000, tokens: [] },
    {
      registry,
      policies: new Map(),
      telemetry: openTelemetryStore(mkdtempSync(path.join(tmpdir(), 'proofmark-plane-'))),
      logDirectory,
      clock: () => clock.nowMs,
      spans: { tenantOf: () => null, onSpan: () => undefined },
      ...noAccess(),
      onError: (error) => assert.fail(String(error)),
    },
  );
  t.after(() => server.close());
  const { port } = await server.listen();
  return `http://127.0.0.1:${port}/log/`;
}

async function read(t: TestContext, place: string, { files }: Written): Promise<string> {
  const inFiles = ['earlier', 'entry', 'proof'].map((name) => path.join(files, name));
  const { stdout } = await promisify(execFile)(program, [place, vkey, ORIGIN, ...inFiles]);
  t.diagnostic(`${place.startsWith('http') ? 'HTTP' : 'disk'}: ${stdout.trim()}`);
  return stdout;
}

/** Why the tests cannot run, or `false`; builds the program on the way. */
function whyNot(): string | false {
  if (process.env['PROOFMARK_INTEROP'] !== '1') {
    return 'skipped: set PROOFMARK_INTEROP=1 to build the Go client and let it read our log';
  }
  try {
    mkdirSync(cache, { recursive: true });
    execFileSync('go', ['build', '-o', program, '.'], { cwd: source, stdio: 'pipe' });
    return false;
  } catch {
    return 'skipped: Go and the client modules cannot be had here';
  }
}
