import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

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
