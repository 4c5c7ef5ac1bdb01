import assert from 'node:assert/strict';
import { test } from 'node:test';

import { X64Assembler } from '../../src/sandbox/x64-assembler.ts';

/** Each reads back as its name in a disassembler. */
const ENCODINGS: readonly (readonly [string, (asm: X64Assembler) => X64Assembler, string])[] = [
  ['mov rdi, 1', (asm) => asm.move('rdi', 1), '48bf0100000000000000'],
  ['mov r13, -1', (asm) => asm.move('r13', -1), '49bdffffffffffffffff'],
  ['mov r14, rax', (asm) => asm.move('r14', 'rax'), '4989c6'],
  ['mov rdi, r13', (asm) => asm.move('rdi', 'r13'), '4c89ef'],
  ['mov r12, [0x600028]', (asm) => asm.load('r12', 0x600028n), '4c8b242528006000'],
  ['mov eax, [0x600008]', (asm) => asm.loadWord('rax', 0x600008n), '8b042508006000'],
  ['mov rdi, [rbx+16]', (asm) => asm.loadFrom('rdi', 'rbx', 16), '488bbb10000000'],
  ['mov [0x600000], rax', (asm) => asm.store(0x600000n, 'rax'), '4889042500006000'],
  ['add rax, r13', (asm) => asm.add('rax', 'r13'), '4c01e8'],
  ['add rdi, -6', (asm) => asm.add('rdi', -6), '4881c7faffffff'],
  ['and rdi, 0x7f', (asm) => asm.and('rdi', 0x7f), '4881e77f000000'],
  ['shr rax, 48', (asm) => asm.shiftRight('rax', 48), '48c1e830'],
  ['shl rdx, 3', (asm) => asm.shiftLeft('rdx', 3), '48c1e203'],
  ['div rcx', (asm) => asm.divide('rcx'), '48ba000000000000000048f7f1'],
  ['mov [rdi], dl', (asm) => asm.storeByte(), '8817'],
  ['mov [rdi-8], rax', (asm) => asm.storeBefore(), '488947f8'],
  ['test r15, r15', (asm) => asm.test('r15'), '4d85ff'],
  ['cmp rax, r14', (asm) => asm.compare('rax', 'r14'), '4c39f0'],
  ['cmp rax, 44', (asm) => asm.compare('rax', 44), '4881f82c000000'],
  ['jmp to itself', (asm) => asm.label('a').jump('a'), 'e9fbffffff'],
  ['js over a jump', (asm) => asm.jumpIf('negative', 'a').label('a'), '0f8800000000'],
];

for (const [name, emit, hex] of ENCODINGS) {
  test(`${name} is ${hex}`, () => {
    assert.equal(Buffer.from(emit(new X64Assembler()).finish()).toString('hex'), hex);
  });
}

test('a jump to a label that does not exist is refused', () => {
  assert.throws(() => new X64Assembler().jump('nowhere').finish(), /no label nowhere/);
});
