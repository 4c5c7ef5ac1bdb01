import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CODE_ADDRESS, DATA_ADDRESS, elfProgram } from '../../src/sandbox/elf-program.ts';

test('the file begins with the headers, and the entry point is the first byte of the code', () => {
  const code = Buffer.from('90c3', 'hex');

  const program = Buffer.from(elfProgram('x64', code, 4096));

  assert.equal(program.toString('latin1', 1, 4), 'ELF');
  assert.equal(program.readUInt16LE(18), 62);
  assert.equal(program.readBigUInt64LE(24), CODE_ADDRESS);
  const entry = Number(CODE_ADDRESS & 0xfffffn);
  assert.deepEqual(program.subarray(entry), code);
});

test('the code cannot be written and the memory cannot be executed', () => {
  const program = Buffer.from(elfProgram('arm64', new Uint8Array(4), 8192));

  const [text, memory] = [program.subarray(64, 120), program.subarray(120, 176)];
  assert.equal(text.readUInt32LE(4), 5);
  assert.equal(memory.readUInt32LE(4), 6);
  assert.equal(memory.readBigUInt64LE(16), DATA_ADDRESS);
  assert.equal(memory.readBigUInt64LE(40), 8192n);
});
