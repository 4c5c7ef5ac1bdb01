import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { checkCall } from '../../../src/scan/pickle/call-check.ts';
import type { CallRule } from '../../../src/scan/pickle/call-rule.ts';
import type { Global, Value } from '../../../src/scan/pickle/value.ts';
import {
  EMPTY_TUPLE,
  NONE,
  TRUE,
  container,
  instance,
  int,
  text as textValue,
  tuple,
} from '../../../src/scan/pickle/value.ts';
import { rules } from '../outcome.ts';
import { bytes, calls, global, proto, text, u32 } from '../pickle-bytes.ts';

const ORDERED = global('collections', 'OrderedDict');
const RANDOM = 'numpy.random._pickle';

const CASES: readonly (readonly [title: string, pickle: Uint8Array, expected: string])[] = [
  [
    'P-12 _codecs.encode of text with latin1 is how bytes are written',
    bytes(global('_codecs', 'encode'), text('a'), text('latin1'), 0x86, 'R.'),
    '',
  ],
  [
    'P-12 _codecs.encode with another codec blocks',
    bytes(global('_codecs', 'encode'), text('a'), text('zlib'), 0x86, 'R.'),
    'P-12',
  ],
  [
    'P-12 _reconstructor of an allowed class is fine',
    bytes(
      global('copyreg', '_reconstructor'),
      ORDERED,
      global('builtins', 'object'),
      'N',
      0x87,
      'R.',
    ),
    '',
  ],
  [
    'P-12 _reconstructor of a denied class blocks',
    bytes(
      global('copyreg', '_reconstructor'),
      global('acme', 'C'),
      global('builtins', 'object'),
      'N',
      0x87,
      'R.',
    ),
    'P-1 P-12',
  ],
  ['P-12 builtins.set of a list is fine', bytes(global('builtins', 'set'), ']', 0x85, 'R.'), ''],
  [
    'P-12 builtins.bytearray of a huge size blocks',
    bytes(global('builtins', 'bytearray'), 'J', u32(0x7fffffff), 0x85, 'R.'),
    'P-12',
  ],
  [
    'P-12 a defaultdict of list is fine',
    bytes(global('collections', 'defaultdict'), global('builtins', 'list'), 0x85, 'R.'),
    '',
  ],
  [
    'P-12 a defaultdict that calls something else for a missing key blocks',
    bytes(
      global('collections', 'defaultdict'),
      global('torch.storage', '_load_from_bytes'),
      0x85,
      'R.',
    ),
    'P-12',
  ],
  ['P-12 an allowed value that is called blocks', bytes(global('torch', 'float32'), ')R.'), 'P-12'],
  [
    'P-12 a rebuild that calls another allowed function blocks',
    bytes(
      global('torch._tensor', '_rebuild_from_type_v2'),
      '(',
      global('torch.storage', '_load_from_bytes'),
      global('torch', 'Tensor'),
      ')NtR.',
    ),
    'P-12',
  ],
  [
    'P-12 a random generator that calls another constructor blocks',
    bytes(
      global(RANDOM, '__generator_ctor'),
      text('PCG64'),
      global('torch.storage', '_load_from_bytes'),
      0x86,
      'R.',
    ),
    'P-12',
  ],
  [
    'P-12 a random generator of numpy is fine',
    bytes(global(RANDOM, '__bit_generator_ctor'), text('PCG64'), 0x85, 'R.'),
    '',
  ],
  [
    'P-12 bytes that are unpickled while loading are judged as a file',
    bytes(
      proto(3),
      global('torch.storage', '_load_from_bytes'),
      'C',
      calls('posix', 'system').length,
      calls('posix', 'system'),
      0x85,
      'R.',
    ),
    'P-1',
  ],
  [
    'P-12 bytes that are unpickled and are not literal block',
    bytes(proto(3), global('torch.storage', '_load_from_bytes'), ORDERED, ')R', 0x85, 'R.'),
    'P-12',
  ],
];

describe('calls of allowed imports', () => {
  for (const [title, pickle, expected] of CASES) {
    test(title, () => {
      assert.match(rules('a.pkl', pickle), new RegExp(`^${expected}( P-14)?$`));
    });
  }
});

function named(module: string, name: string, rule: CallRule | null = 'any'): Global {
  return { kind: 'global', module, name, rule };
}

const LIST = named('builtins', 'list');
const OBJECT = named('builtins', 'object');
const DENIED = named('acme', 'list', null);
const MADE = instance(named('acme', 'f', null), EMPTY_TUPLE);
const DTYPE = instance(named('numpy', 'dtype'), EMPTY_TUPLE);
const BITS = named(RANDOM, '__bit_generator_ctor', 'random');
const PCG = named('numpy.random._pcg64', 'PCG64');
const REBUILD = named('torch._utils', '_rebuild_tensor_v2');
const LITERAL: Value = { kind: 'bytes', start: 0, length: 9 };
const CONVERTED: Value = { kind: 'bytes', start: -1, length: 9 };
const PERSISTENT: Value = { kind: 'persistent', id: NONE };
const [A, LATIN1] = [textValue('a'), textValue('latin1')];

/** Each rule with the arguments that pass it, and those that do not. */
const ARGUMENTS: Readonly<
  Record<
    Exclude<CallRule, 'any' | 'value'>,
    readonly [passes: readonly (readonly Value[])[], complains: readonly (readonly Value[])[]]
  >
> = {
  empty: [[[]], [[NONE]]],
  encode: [
    [
      [A, LATIN1],
      [A, textValue('latin-1')],
      [A, textValue('iso-8859-1')],
      [textValue('torch.strided')],
      [textValue('torch.sparse_coo')],
    ],
    [
      [],
      [A],
      [NONE],
      [A, A],
      [A, NONE],
      [LITERAL, LATIN1],
      [A, LATIN1, textValue('strict')],
      [textValue('torch.load')],
      [textValue('torch.strided'), NONE],
    ],
  ],
  reconstructor: [
    [
      [LIST, OBJECT, NONE],
      [LIST, OBJECT, MADE],
      [LIST, LIST, container('list')],
      [LIST, LIST, A],
    ],
    [
      [],
      [LIST, OBJECT],
      [LIST, OBJECT, NONE, NONE],
      [DENIED, OBJECT, NONE],
      [LIST, DENIED, NONE],
      [A, OBJECT, NONE],
      [LIST, A, NONE],
      [LIST, LIST, MADE],
      [LIST, LIST, LIST],
      [LIST, LIST, PERSISTENT],
    ],
  ],
  items: [
    [[], [A], [int(2 ** 28)], [container('list')], [LIST], [A, int(5), CONVERTED]],
    [[int(2 ** 28 + 1)], [int(null)], [A, int(1n << 70n)], [MADE], [A, DENIED], [PERSISTENT]],
  ],
  factory: [
    [[], [NONE], [LIST], [NONE, container('list')]],
    [[TRUE], [A], [DENIED], [MADE], [named('torch.storage', '_load_from_bytes', 'nested')]],
  ],
  'class-first': [
    [[LIST], [DTYPE, MADE], [LITERAL], [int(1)]],
    [[], [A], [MADE], [DENIED], [NONE, LIST], [instance(named('numpy', 'ndarray'), EMPTY_TUPLE)]],
  ],
  'two-classes': [[[LIST, LIST, MADE]], [[], [LIST], [LIST, DENIED], [DENIED, LIST], [LIST, A]]],
  rebuild: [
    [[REBUILD, LIST, MADE]],
    [
      [],
      [REBUILD],
      [REBUILD, DENIED],
      [LIST, LIST],
      [MADE, LIST],
      [named('torch._utils', '_import_dotted_name', null), LIST],
    ],
  ],
  random: [
    [[], [A], [PCG], [instance(BITS, EMPTY_TUPLE)], [A, BITS], [instance(BITS, EMPTY_TUPLE), BITS]],
    [
      [NONE],
      [MADE],
      [LIST],
      [named('numpy.random._pcg64', 'PCG64', null)],
      [A, LIST],
      [A, named(RANDOM, '__generator_ctor')],
    ],
  ],
  nested: [[[LITERAL]], [[], [CONVERTED], [MADE], [A], [LITERAL, LITERAL]]],
};

describe('P-12 what each rule lets a call pass', () => {
  for (const [rule, [passes, complains]] of Object.entries(ARGUMENTS)) {
    test(rule, () => {
      const call = (args: Value): string | null => checkCall(rule as CallRule, args);
      passes.forEach((items, n) => assert.equal(call(tuple(items)), null, `passes ${n}`));
      complains.forEach((items, n) => assert.notEqual(call(tuple(items)), null, `complains ${n}`));
      assert.equal(call(MADE), 'is called with computed arguments');
    });
  }

  test('any and value look at no argument', () => {
    assert.equal(checkCall('any', MADE), null);
    assert.equal(checkCall('any', tuple([MADE])), null);
    assert.equal(checkCall('value', EMPTY_TUPLE), 'is called, although it is a value');
  });
});
