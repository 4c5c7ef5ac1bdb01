import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { draftName, isOrphan } from '../src/draft.ts';

test('no two drafts have one name, and ours are not orphans', () => {
  const names = new Set(Array.from({ length: 100 }, draftName));

  assert.equal(names.size, 100);
  assert.deepEqual([...names].filter(isOrphan), []);
});

test('the draft of a process that ended is an orphan, that of one that runs is not', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
  await once(child, 'spawn');
  const name = `${child.pid}-${startTime(child.pid)}-00`;

  assert.equal(isOrphan(name), false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(isOrphan(name), true);
});

test(
  'a process that has the id of a dead one does not keep its drafts',
  { skip: existsSync('/proc/self/stat') ? false : 'skipped: no /proc/self/stat on this system' },
  () => {
    const [pid = '', started = '', random = ''] = draftName().split('-');

    assert.equal(isOrphan(`${pid}-${Number(started) - 1}-${random}`), true);
  },
);

test('names of another form belong to nobody', () => {
  for (const name of ['', 'x', '-1-2-3', '0-1-2', '1e3-1-2', '99999999999-1-2']) {
    assert.equal(isOrphan(name), true, name);
  }
});

function startTime(pid: number | undefined): string {
  if (!existsSync('/proc/self/stat')) return 'x';
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

test(
  'a killed process that nobody waited for is not alive',
  { skip: process.platform !== 'linux' },
  async () => {
    // The shell becomes sleep, which never waits for the child that the shell began; that one ends
    // when its input does, which is not before: a shell would still have waited for it.
    const parent = spawn('sh', ['-c', 'cat <&3 >&2 & echo $!; exec sleep 30'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    try {
      assert.ok(parent.stdout);
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = line.toString().trim();
      const read = (): string[] => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
      while (readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim() !== 'sleep') await turn();
      parent.stdio[3]?.destroy();
      while (read()[2] !== 'Z') await turn();

      assert.ok(isOrphan(`${pid}-${read()[21] ?? ''}-0123456789abcdef`));
    } finally {
      parent.kill();
    }
  },
);
