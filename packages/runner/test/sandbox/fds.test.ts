import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';

import { DescriptorTable, leakedDescriptors } from '../../src/sandbox/fds.ts';

test('numbers descriptors from 3 and keeps their order', () => {
  const table = new DescriptorTable();

  assert.deepEqual([table.add('pipe'), table.add(40), table.add(41)], [3, 4, 5]);
  assert.deepEqual(table.stdio([], 99), ['ignore', 'pipe', 'pipe', 'pipe', 40, 41]);
});

test('overlays each leaked descriptor with the null device and leaves planned ones alone', () => {
  const table = new DescriptorTable();
  table.add(40);

  assert.deepEqual(table.stdio([3, 6], 99), ['ignore', 'pipe', 'pipe', 40, 'ignore', 'ignore', 99]);
});

test('a descriptor that Node opened closes on exec and is no leak', () => {
  const fd = openSync('/dev/zero', 'r');

  const leaked = leakedDescriptors();

  closeSync(fd);
  assert.ok(!leaked.includes(fd));
});

/** Runs a Node child that inherited descriptor 200, and reports what its own child sees. */
function seenByGrandchild(masked: 'masked' | 'unmasked'): string {
  const source = new URL('../../src/sandbox/fds.ts', import.meta.url).href;
  const program = `
    import { spawnSync } from 'node:child_process';
    import { openSync } from 'node:fs';
    import { DescriptorTable, leakedDescriptors } from ${JSON.stringify(source)};
    const leaked = ${JSON.stringify(masked)} === 'masked' ? leakedDescriptors() : [];
    const stdio = new DescriptorTable().stdio(leaked, openSync('/dev/null', 'r'));
    const child = spawnSync('/bin/sh', ['-c', 'readlink /proc/self/fd/200'], { stdio });
    process.stdout.write(String(child.stdout).trim());
  `;
  const node = `exec ${JSON.stringify(process.execPath)} --input-type=module -e "$1"`;
  const stdio = Array.from({ length: 201 }, (_, i) => (i < 3 ? 'pipe' : 'ignore'));
  const fd = openSync('/proc/self/status', 'r');
  const child = spawnSync('/bin/sh', ['-c', node, 'sh', program], {
    stdio: [...stdio.slice(0, 200), fd] as ('pipe' | 'ignore' | number)[],
  });
  closeSync(fd);
  assert.equal(child.status, 0, String(child.stderr));
  return String(child.stdout);
}

test('a high inherited descriptor reaches a child, and does not once it is overlaid', () => {
  assert.match(seenByGrandchild('unmasked'), /\/status$/);
  assert.equal(seenByGrandchild('masked'), '/dev/null');
});
