import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { OPCODES } from '../../../src/scan/pickle/opcodes.ts';
import { rules } from '../outcome.ts';
import { bytes, global, proto, text, u32, u64 } from '../pickle-bytes.ts';

describe('opcodes', () => {
  test('there are 67 of them and STOP, which the machine handles itself', () => {
    assert.equal(OPCODES.filter((opcode) => opcode !== undefined).length, 67);
    assert.equal(OPCODES['.'.charCodeAt(0)], undefined);
  });

  test('every literal and container of protocols 0 to 5 is read', () => {
    const all = bytes(
      proto(5),
      '](I1\nI01\nL5L\nF1.5\nNK\u0001M\u0001\u0002J',
      u32(-1),
      "S'a'\nU\u0001aVx\\u0041\n",
      text('é'),
      0x88,
      0x89,
      0x8a,
      2,
      1,
      2,
      'G',
      Buffer.alloc(8),
      ')N',
      0x85,
      'NN',
      0x86,
      'NNN',
      0x87,
      '}(NNu',
      0x8f,
      '(N',
      0x90,
      '(N',
      0x91,
      'C\u0001a',
      0x96,
      Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
      'a(lp1\n(dp2\n(te.',
    );

    assert.equal(rules('a.pkl', all), '');
  });

  test('POP right above a mark removes the mark, as the C unpickler does', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 'N(0.')), '');
  });

  test('frames that follow one another and end where an opcode ends are read by all alike', () => {
    const framed = bytes(proto(4), 0x95, u64(4), ']NaN', 0x95, u64(2), 'a.');

    assert.equal(rules('a.pkl', framed), '');
  });

  test('a memo index is a number of 32 bits', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 'Np4294967295\n.')), 'P-8');
    assert.equal(rules('a.pkl', bytes(proto(2), 'Np4294967296\n.')), 'P-7');
    assert.equal(rules('a.pkl', bytes(proto(2), 'Np-1\n.')), 'P-7');
  });

  test('a large memo index is fine in a file of its size', () => {
    const padding = bytes('B', u32(200_000), Buffer.alloc(200_000), '0');

    assert.equal(rules('a.pkl', bytes(proto(4), padding, 'Nr', u32(3_000_000), '.')), '');
    assert.equal(rules('a.pkl', bytes(proto(4), padding, 'Nr', u32(4_000_000), '.')), 'P-8');
  });

  test('a persistent id stands for a storage only if each part of it does', () => {
    const id = (tag: string, type: Uint8Array): Uint8Array =>
      bytes(proto(2), '(', text(tag), type, text('0'), text('cpu'), 'K\u0004tQ.');

    assert.equal(rules('a.pkl', id('storage', global('torch', 'FloatStorage'))), '');
    assert.equal(rules('a.pkl', id('module', global('torch', 'FloatStorage'))), 'P-3');
    assert.equal(rules('a.pkl', id('storage', text('FloatStorage'))), 'P-3');
    const keyless = bytes('(', text('storage'), global('torch', 'FloatStorage'), 'NNK\u0004tQ.');
    assert.equal(rules('a.pkl', bytes(proto(2), keyless)), 'P-3');
    assert.equal(rules('a.pkl', id('storage', global('posix', 'system'))), 'P-1 P-3');
  });

  test('a persistent id may name a class with its source, as early torch wrote whole models', () => {
    const made = (type: Uint8Array, tag = 'module'): string =>
      rules(
        'a.pt',
        bytes(proto(2), '(', text(tag), type, text('linear.py'), text('class'), 'tQ)', 0x81, '}b.'),
      );

    assert.equal(made(global('torch.nn.modules.linear', 'Linear')), '');
    assert.equal(made(global('torch.nn.modules.linear', 'Linear'), 'class'), 'P-3 P-5');
    assert.equal(made(global('posix', 'system')), 'P-1 P-3 P-5');
    assert.equal(made(text('Linear')), 'P-3 P-5');
    assert.equal(made(global('torch', 'float32')), 'P-12');
  });

  test('an extension code is positive, and a protocol at most 5', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 0x82, 0, '.')), 'P-7');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N0', proto(5), 'N.')), 'P-9');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N0', proto(6), 'N.')), 'P-7');
  });

  test('arguments that are no tuple are a complaint', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), global('builtins', 'bytearray'), ']R.')), 'P-12');
  });

  test('bytes of protocol 2, which are encoded text, are a constant', () => {
    const encoded = bytes(global('_codecs', 'encode'), text('ab'), text('latin1'), 0x86, 'R');

    assert.equal(
      rules('a.pkl', bytes(proto(2), global('builtins', 'bytearray'), encoded, 0x85, 'R.')),
      '',
    );
  });

  test('an out-of-band buffer cannot be in a file', () => {
    assert.equal(rules('a.pkl', bytes(proto(5), 0x97, '.')), 'P-7');
  });
});
