import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { leafHash } from '../src/merkle/hash.ts';
import {
  directoryReader,
  httpReader,
  readBundle,
  readCheckpoint,
  readTile,
} from '../src/reader.ts';
import { encodeBundle, encodeTile, tilePath } from '../src/tile.ts';
import type { TileId } from '../src/tile.ts';
import { testEntries, testFolder, utf8, withCode } from './world.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
}

function put(folder: string, relative: string, bytes: Uint8Array): void {
  mkdirSync(path.dirname(path.join(folder, relative)), { recursive: true });
  writeFileSync(path.join(folder, relative), bytes);
}

test('a folder gives bytes, null for what is not there, and bounds what is', async (t) => {
  const folder = testFolder(t);
  put(folder, 'checkpoint', utf8('12345'));
  const reader = directoryReader(folder);

  assert.deepEqual(Buffer.from((await reader.read('checkpoint', 5)) ?? []).toString(), '12345');
  assert.equal(await reader.read('tile/0/000', 5), null);
  assert.equal(await reader.read('checkpoint/below', 5), null);
  await assert.rejects(reader.read('checkpoint', 4), /checkpoint: it is larger than 4 bytes/);
  await assert.rejects(reader.read('.', 1e6), withCode('TLOG_READ_FAILED'));
});

test('a server gives bytes, null for 404 and 410, and nothing for any other answer', async (t) => {
  const prefix = await serve(t, (request, response) => {
    const name = request.url?.replace('/log/', '') ?? '';
    const status = { gone: 410, broken: 500, moved: 302, empty: 200, five: 200 }[name] ?? 404;
    response.writeHead(status, { location: '/log/five' });
    response.end(name === 'five' ? '12345' : '');
  });
  const reader = httpReader(prefix, { fetch, timeoutMs: 10_000 });

  assert.deepEqual(Buffer.from((await reader.read('five', 5)) ?? []).toString(), '12345');
  assert.deepEqual((await reader.read('empty', 5))?.length, 0);
  assert.equal(await reader.read('absent', 5), null);
  assert.equal(await reader.read('gone', 5), null);
  for (const name of ['broken', 'moved']) {
    await assert.rejects(reader.read(name, 5), withCode('TLOG_READ_FAILED'));
  }
  await assert.rejects(reader.read('five', 4), withCode('TLOG_READ_FAILED'));
});

test('the prefix of a log may end with a slash, and what is too large is called so', async (t) => {
  const asked: (string | undefined)[] = [];
  const prefix = await serve(t, (request, response) => {
    asked.push(request.url);
    response.end('12345');
  });
  const reader = httpReader(`${prefix}/`, { fetch, timeoutMs: 10_000 });

  assert.equal((await reader.read('checkpoint', 5))?.length, 5);
  assert.deepEqual(asked, ['/log/checkpoint']);
  await assert.rejects(reader.read('checkpoint', 4), /checkpoint: it is larger than 4 bytes/);
});

test(
  'a server that says without end that there is nothing is let go',
  { timeout: 10_000 },
  async (t) => {
    const left = Promise.withResolvers<undefined>();
    const prefix = await serve(t, (_, response) => {
      response.writeHead(404);
      response.write('there is no such tile, and ');
      response.once('close', () => left.resolve(undefined));
    });

    const found = await httpReader(prefix, { fetch, timeoutMs: 60_000 }).read('tile/0/000', 100);

    assert.equal(found, null);
    await left.promise;
  },
);

test('a server that sends without end, or nothing at all, is left', async (t) => {
  const prefix = await serve(t, (request, response) => {
    if (request.url === '/log/endless') {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    }
  });

  await assert.rejects(
    httpReader(prefix, { fetch, timeoutMs: 60_000 }).read('endless', 100_000),
    withCode('TLOG_READ_FAILED'),
  );
  await assert.rejects(
    httpReader(prefix, { fetch, timeoutMs: 20 }).read('silent', 100),
    withCode('TLOG_READ_FAILED'),
  );
});

test('a partial tile that is gone is cut from the full one', async (t) => {
  const folder = testFolder(t);
  const entries = testEntries(256);
  const leaves = entries.map(leafHash);
  put(folder, 'tile/0/000', encodeTile(leaves));
  put(folder, 'tile/entries/000', encodeBundle(entries));
  put(folder, 'tile/0/001.p/2', encodeTile(leaves.slice(0, 2)));
  const reader = directoryReader(folder);
  const id: TileId = { level: 0, index: 0, width: 7 };

  assert.equal((await readTile(reader, id)).length, 7);
  assert.equal((await readBundle(reader, { ...id, level: 'entries' })).length, 7);
  assert.equal((await readTile(reader, { ...id, width: 256 })).length, 256);
  assert.equal((await readTile(reader, { level: 0, index: 1, width: 2 })).length, 2);
});

test('a tile that is missing or of another length is an error that names it', async (t) => {
  const folder = testFolder(t);
  const leaves = testEntries(3).map(leafHash);
  const short: TileId = { level: 0, index: 0, width: 3 };
  put(folder, tilePath(short), encodeTile(leaves.slice(0, 2)));
  put(folder, 'tile/0/001', encodeTile(leaves));
  const reader = directoryReader(folder);

  await assert.rejects(readTile(reader, short), withCode('TLOG_TILE_CORRUPT'));
  await assert.rejects(readTile(reader, { ...short, index: 1 }), withCode('TLOG_TILE_CORRUPT'));
  await assert.rejects(readTile(reader, { ...short, width: 4 }), withCode('TLOG_TILE_MISSING'));
  await assert.rejects(readTile(reader, { ...short, index: 5 }), withCode('TLOG_TILE_MISSING'));
  await assert.rejects(
    readTile(reader, { ...short, index: 5, width: 256 }),
    withCode('TLOG_TILE_MISSING'),
  );
  await assert.rejects(
    readBundle(reader, { ...short, level: 'entries' }),
    withCode('TLOG_TILE_MISSING'),
  );
  await assert.rejects(readCheckpoint(reader), withCode('TLOG_TILE_MISSING'));
});
