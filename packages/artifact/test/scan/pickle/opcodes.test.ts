import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { OPCODES } from '../../../src/scan/pickle/opcodes.ts';
import { rules } from '../outcome.ts';
import { bytes, proto, text, u32 } from '../pickle-bytes.ts';

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

  test('an out-of-band buffer cannot be in a file', () => {
    assert.equal(rules('a.pkl', bytes(proto(5), 0x97, '.')), 'P-7');
  });
});
