import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { sha256Hex } from '@proofmark/core';
import { recordLog } from '@proofmark/registry';
import type { Log } from '@proofmark/tlog';
import { decodeEntry, encodeEntry, memoryLock, openLog } from '@proofmark/tlog';

import { ORIGIN, signers } from './world.ts';

test('the size is what any process committed, not what this one has seen', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'proofmark-record-log-'));
  const lock = memoryLock();
  const open = (): Promise<Log> =>
    openLog({ directory, origin: ORIGIN, signer: signers.log, lock, clock: () => 0 });
  const [here, elsewhere] = [await open(), await open()];
  const entries = ['a', 'b'].map((x) => encodeEntry({ kind: 'evidence', digest: sha256Hex(x) }));
  const log = recordLog(here);

  const before = await log.size();
  await elsewhere.append(entries);

  assert.equal(before, 0);
  assert.equal(await log.size(), 2);
  assert.deepEqual((await log.entries(0, 2)).map(decodeEntry), entries.map(decodeEntry));
  assert.match(await log.proof(1), /^c2sp\.org\/tlog-proof@v1\nindex 1\n/);
  assert.equal((await log.append(entries)).firstIndex, 2);
});
