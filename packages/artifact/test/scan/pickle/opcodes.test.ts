import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { OPCODES } from '../../../src/scan/pickle/opcodes.ts';
import { describe as render, weightOf } from '../../../src/scan/pickle/value.ts';
import { messages, rules } from '../outcome.ts';
import { bytes, global, proto, text, u16, u32, u64 } from '../pickle-bytes.ts';
import { run } from './machine-run.ts';

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

const ORDERED = global('collections', 'OrderedDict');
const LONG = Buffer.alloc(1025, 0x61);

/** Each opcode with what it leaves on the stack, as a rendering and a weight. */
const RESULTS: readonly (readonly [
  name: string,
  code: Uint8Array,
  value: string,
  weight?: number,
])[] = [
  ['FLOAT', bytes('F1.5\n'), 'float'],
  ['BINFLOAT', bytes('G', Buffer.alloc(8)), 'float'],
  ['INT', bytes('I-7\n'), '-7'],
  ['INT 01', bytes('I01\n'), 'True'],
  ['INT 00', bytes('I00\n'), 'False'],
  ['BININT', bytes('J', u32(-2)), '-2'],
  ['BININT1', bytes('K', 0xff), '255'],
  ['BININT2', bytes('M', u16(0xfffe)), '65534'],
  ['LONG', bytes('L12L\n'), '12'],
  ['LONG1', bytes(0x8a, 2, 0x00, 0x80), '-32768'],
  ['LONG1 of 16 bytes', bytes(0x8a, 16, Buffer.alloc(15), 1), `${1n << 120n}`.slice(0, 24)],
  ['LONG1 of 17 bytes', bytes(0x8a, 17, Buffer.alloc(17)), 'a long int'],
  ['LONG4', bytes(0x8b, u32(1), 5), '5'],
  ['NONE', bytes('N'), 'None'],
  ['NEWTRUE', bytes(0x88), 'True'],
  ['NEWFALSE', bytes(0x89), 'False'],
  ['STRING', bytes("S'a'\n"), '"a"'],
  ['BINSTRING', bytes('T', u32(2), 'a', 0xe9), '"a\u00e9"'],
  ['SHORT_BINSTRING', bytes('U', 2, 'a', 0xe9), '"a\u00e9"'],
  ['UNICODE', bytes('Va\\u0041\n'), '"aA"'],
  ['BINUNICODE', bytes('X', u32(2), 'é'.replace('é', '\u00c3\u00a9')), '"\u00e9"'],
  ['SHORT_BINUNICODE', text('é'), '"\u00e9"'],
  ['BINUNICODE8', bytes(0x8d, u64(2), 'ab'), '"ab"'],
  ['a text of 1024 bytes', bytes('X', u32(1024), LONG.subarray(1)), `"${'a'.repeat(60)}"`],
  ['a text of 1025 bytes', bytes('X', u32(1025), LONG), 'a long text'],
  [
    '1024 characters of four bytes',
    bytes('X', u32(4096), Buffer.from('😀'.repeat(1024))),
    'a long text',
  ],
  [
    '1024 characters of two bytes',
    bytes('X', u32(2048), Buffer.from('é'.repeat(1024))),
    `"${'é'.repeat(60)}"`,
  ],
  [
    'bytes of more than four texts that are no text',
    bytes('X', u32(4097), Buffer.alloc(4097, 0xff)),
    'a long text',
  ],
  ['BINBYTES', bytes('B', u32(3), 'abc'), '3 bytes'],
  ['SHORT_BINBYTES', bytes('C', 3, 'abc'), '3 bytes'],
  ['BINBYTES8', bytes(0x8e, u64(3), 'abc'), '3 bytes'],
  ['BYTEARRAY8', bytes(0x96, u64(3), 'abc'), '3 bytes'],
  ['POP', bytes('NI1\n0'), 'None'],
  ['POP_MARK', bytes('N(II1\n'.replace('II', 'I'), '1'), 'None'],
  ['DUP', bytes('K', 1, '2', 0x86), '(1, 1)', 3],
  ['EMPTY_TUPLE', bytes(')'), '()', 1],
  ['TUPLE', bytes('(K', 1, 'K', 2, 't'), '(1, 2)', 3],
  ['TUPLE1', bytes('K', 1, 0x85), '(1)', 2],
  ['TUPLE2', bytes('K', 1, 'K', 2, 0x86), '(1, 2)', 3],
  ['TUPLE3', bytes('K', 1, 'K', 2, 'K', 3, 0x87), '(1, 2, 3)', 4],
  ['EMPTY_LIST', bytes(']'), 'a list', 1],
  ['LIST', bytes('(NNNl'), 'a list', 4],
  ['APPEND', bytes(']NaNa'), 'a list', 3],
  ['APPENDS', bytes('](NNNe'), 'a list', 4],
  ['EMPTY_DICT', bytes('}'), 'a dict', 1],
  ['DICT', bytes('(NNNNd'), 'a dict', 5],
  ['SETITEM', bytes('}NNs'), 'a dict', 3],
  ['SETITEMS', bytes('}(NNNNu'), 'a dict', 5],
  ['EMPTY_SET', bytes(0x8f), 'a set', 1],
  ['ADDITEMS', bytes(0x8f, '(NN', 0x90), 'a set', 3],
  ['FROZENSET', bytes('(NN', 0x91), 'a set', 3],
  ['PUT and GET', bytes('K', 7, 'p300\n0g300\n'), '7'],
  ['BINPUT and BINGET', bytes('K', 7, 'q', 255, '0h', 255), '7'],
  ['LONG_BINPUT and LONG_BINGET', bytes('K', 7, 'r', u32(300), '0j', u32(300)), '7'],
  ['MEMOIZE', bytes('K', 7, 0x94, '0h', 0), '7'],
  ['GLOBAL', ORDERED, 'collections.OrderedDict'],
  [
    'STACK_GLOBAL',
    bytes(text('collections'), text('OrderedDict'), 0x93),
    'collections.OrderedDict',
  ],
  ['INST', bytes('(icollections\nOrderedDict\n'), 'OrderedDict(...)', 2],
  ['OBJ', bytes('(', ORDERED, 'No'), 'OrderedDict(...)', 3],
  ['REDUCE', bytes(ORDERED, ')R'), 'OrderedDict(...)', 2],
  ['NEWOBJ', bytes(ORDERED, 'N', 0x85, 0x81), 'OrderedDict(...)', 3],
  ['NEWOBJ_EX', bytes(ORDERED, ')}', 0x92), 'OrderedDict(...)', 2],
  ['NEWOBJ_EX with names', bytes(ORDERED, ')}(NNu', 0x92), 'OrderedDict(...)', 5],
  ['BUILD', bytes(ORDERED, ')R}b'), 'OrderedDict(...)', 2],
  ['EXT1', bytes(0x82, 255), 'a computed value'],
  ['EXT2', bytes(0x83, 0, 1), 'a computed value'],
  ['EXT4', bytes(0x84, u32(1)), 'a computed value'],
  ['PERSID', bytes('Pid\n'), 'a persistent'],
  ['BINPERSID', bytes('NQ'), 'a persistent'],
  ['READONLY_BUFFER', bytes('C', 1, 'a', 0x98), '1 bytes'],
  ['FRAME', bytes(0x95, u64(2), 'N'), 'None'],
];

describe('each opcode leaves', () => {
  for (const [name, code, value, weight = 1] of RESULTS) {
    test(`${name}: ${value}`, () => {
      const result = run(bytes(proto(4), 'I99\n', code, '.'));

      assert.equal(render(result), value);
      assert.equal(weightOf(result), weight);
    });
  }

  test('what stood below it as it was', () => {
    for (const [name, code] of RESULTS) {
      if (name !== 'FRAME') assert.equal(render(run(bytes('I99\n', code, '0.'))), '99', name);
    }
  });

  /** Pickles that a loader does not accept, although each of their opcodes is one. */
  const BROKEN: readonly (readonly [what: string, code: Uint8Array])[] = [
    ['a float that is none', bytes('Fx\n')],
    ['a text in quotes that is not closed', bytes("S'a\n")],
    ['a text with a broken escape', bytes('V\\u1\n')],
    ['an integer with a negative length', bytes(0x8b, u32(-1))],
    ['an integer longer than the stream', bytes(0x8a, 9, 1)],
    ['a text longer than the stream', bytes('X', u32(9), 'ab')],
    ['a long text longer than the stream', bytes('X', u32(5000), 'ab')],
    ['bytes longer than the stream', bytes('B', u32(9), 'ab')],
    ['an item for a text', bytes(text('a'), 'Na')],
    ['items below a mark', bytes('](N(e')],
    ['items for what stands below two marks', bytes(']((Ne')],
    ['an odd number of keys and values', bytes('}(NNNu')],
    ['a dict of an odd number', bytes('(NNNd')],
    ['items without a list', bytes('(Ne')],
    ['an object without a class', bytes('(o')],
    ['a mark that is not there', bytes('Nt')],
    ['an import that is not UTF-8', bytes('cposix', 0xff, '\nx\n')],
    ['an import whose name is not UTF-8', bytes('cposix\n', 0xff, '\n')],
    ['a protocol that does not exist', bytes(0x80, 6)],
    ['a memo index that is no number', bytes('Npx\n')],
    ['an extension code below zero', bytes(0x84, u32(-1))],
    ['a call of what stands below a mark', bytes('](N(1R')],
  ];
  for (const [what, code] of BROKEN) {
    test(`nothing for ${what}`, () => {
      const rule = rules('a.pkl', bytes(proto(2), code, '.'));

      assert.match(rule, /^(?:P-1 )?P-7$/);
    });
  }

  test('a line of up to a mebibyte, and none longer', () => {
    const line = (length: number): string =>
      rules('a.pkl', bytes(proto(2), 'V', 'a'.repeat(length), '\n.'));

    assert.equal(line(1 << 20), '');
    assert.equal(line((1 << 20) + 1), 'P-8');
  });
});

test('P-7 a key without a value is told as that', () => {
  const unpaired = bytes(proto(2), '}(', text('a'), 'u.');

  assert.match(messages('a.pkl', unpaired), /a key has no value/);
});

test('P-8 a number too long to read is a limit, unless no number begins so', () => {
  const digits = '1'.repeat(1 << 20);

  assert.equal(rules('a.pkl', bytes(proto(2), `I${digits}1\n.`)), 'P-8');
  assert.equal(rules('a.pkl', bytes(proto(2), `I1\u0001${digits}\n.`)), 'P-7');
});
