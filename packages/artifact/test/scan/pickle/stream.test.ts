import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { scanFiles } from '@proofmark/artifact';

import { inspect, messages, rules } from '../outcome.ts';
import { bytes, calls, global, proto, stateDict, text, u32, u64 } from '../pickle-bytes.ts';

const MAGIC = bytes(proto(2), 0x8a, 10, Buffer.from('6cfc9c46f9206aa85019', 'hex'), '.');
const VERSION = bytes(proto(2), 'M', 0xe9, 0x03, '.');
const SYSTEM_INFO = bytes(proto(2), '}.');
const KEYS = bytes(proto(2), '](', text('0'), 'e.');

function legacy(model: Uint8Array, storage: Uint8Array): Buffer {
  return bytes(MAGIC, VERSION, SYSTEM_INFO, model, KEYS, storage);
}

const STORAGE = bytes(u64(4), Buffer.alloc(16));

describe('a file of pickles', () => {
  test('P-10 every pickle of the file is judged', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', calls('posix', 'system'))), 'P-1');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', proto(2), 'N.')), '');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', 'cposix\nsystem\n.')), 'P-1');
  });

  test('P-10 bytes behind STOP are a finding, and imports in them are named', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', Buffer.alloc(9))), 'P-10');
    assert.equal(
      rules('a.pkl', bytes(proto(2), 'N.', Buffer.alloc(9), calls('posix', 'system'))),
      'P-1 P-10',
    );
  });

  test('P-10 a legacy torch file is five pickles and exactly its storages', () => {
    const file = legacy(stateDict(), STORAGE);

    assert.equal(rules('a.pt', file), '');
    assert.equal(inspect('a.pt', file).format, 'torch-legacy');
    assert.equal(rules('a.pt', bytes(file, 'x')), 'P-10');
    assert.equal(rules('a.pt', file.subarray(0, -1)), 'P-7');
  });

  const itemBytes: Readonly<Record<string, number>> = {
    FloatStorage: 4,
    DoubleStorage: 8,
    HalfStorage: 2,
    BFloat16Storage: 2,
    LongStorage: 8,
    IntStorage: 4,
    ShortStorage: 2,
    CharStorage: 1,
    ByteStorage: 1,
    BoolStorage: 1,
    ComplexFloatStorage: 8,
    ComplexDoubleStorage: 16,
    QInt8Storage: 1,
    QUInt8Storage: 1,
    QInt32Storage: 4,
  };
  for (const [type, size] of Object.entries(itemBytes)) {
    test(`P-10 a ${type} of four elements has ${4 * size} bytes behind the pickles`, () => {
      const named = stateDict().toString('latin1').replace('FloatStorage', type);
      const model = Buffer.from(named, 'latin1');

      assert.equal(rules('a.pt', legacy(model, Buffer.alloc(8 + 4 * size))), '');
      assert.equal(rules('a.pt', legacy(model, Buffer.alloc(7 + 4 * size))), 'P-7');
      assert.equal(rules('a.pt', legacy(model, Buffer.alloc(9 + 4 * size))), 'P-10');
    });
  }

  test('P-10 a storage of a type without a known size is a finding', () => {
    const model = Buffer.from(
      stateDict().toString('latin1').replace('FloatStorage', 'Size'),
      'latin1',
    );

    assert.match(messages('a.pt', legacy(model, STORAGE)), /size of a Size .* is not known/);
  });

  test('P-14 a bytes value that is a pickle by itself is judged, also at the end of a broken one', () => {
    const inner = bytes('cposix\nsystem\n', "(S'id'\ntR.");
    const value = bytes('C', inner.length, inner);

    assert.equal(rules('a.pkl', bytes(proto(4), value, '.')), 'P-14');
    assert.equal(rules('a.pkl', bytes(proto(4), value)), 'P-14 P-7');
    assert.equal(rules('a.pkl', bytes(proto(4), 'C\u0003N..', '.')), '');
  });

  test('P-10 each of the five pickles of a legacy torch file is judged', () => {
    assert.equal(rules('a.pt', legacy(calls('posix', 'system'), Buffer.alloc(0))), 'P-1');
    assert.equal(
      rules(
        'a.pt',
        bytes(MAGIC, calls('posix', 'system'), SYSTEM_INFO, stateDict(), KEYS, STORAGE),
      ),
      'P-1',
    );
  });

  test('P-10 a magic number that is computed blocks', () => {
    const magic = bytes(proto(2), 'cbuiltins\nint\n', text('1'), 0x85, 'R.');
    assert.match(
      rules('a.pt', bytes(magic, VERSION, SYSTEM_INFO, stateDict(), KEYS, STORAGE)),
      /P-10/,
    );
  });

  test('P-7 imports behind a broken point are named', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 0xff, 'cposix\nsystem\n.')), 'P-1 P-7');
  });
});

describe('what follows a pickle', () => {
  test('is the next one when it begins with a protocol from 0 to 5', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', proto(0), 'N.')), '');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', proto(5), 'N')), 'P-7');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', proto(6), 'N.')), 'P-10');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', 0x80)), 'P-10');
  });

  test('is the next one when it acts or comes to an end', () => {
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', 'N.')), '');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', 'cposix\nsystem\nN')), 'P-1 P-7');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', 'cacme\nf\nN')), 'P-10');
  });

  test('is told with its length and place', () => {
    const [finding] = inspect('a.pkl', bytes(proto(2), 'N.', Buffer.alloc(9))).findings;

    assert.equal(finding?.message, '9 bytes follow the end of the pickle');
    assert.equal(finding.offset, 4);
  });

  test('P-10 is told of behind the storages too', () => {
    const file = bytes(legacy(stateDict(), STORAGE), 'xy');
    const [finding] = inspect('a.pt', file).findings;

    assert.equal(finding?.message, '2 bytes follow the end of the pickle');
    assert.equal(finding.offset, file.length - 2);
  });

  test('P-8 is at most a hundred thousand pickles', () => {
    const limits = { maxSteps: 100 };
    const pickles = (count: number): Buffer =>
      bytes(bytes(proto(2), 'N.').toString('latin1').repeat(count));

    assert.equal(rules('a.pkl', pickles(100_000)), '');
    assert.equal(rules('a.pkl', pickles(100_001)), 'P-10 P-8');
    assert.equal(inspect('a.pkl', pickles(100), { limits }).verdict, 'clean');
    assert.equal(inspect('a.pkl', pickles(101), { limits }).verdict, 'incomplete');
  });
});

describe('the format of a file of pickles', () => {
  test('is that of early torch only by its first number', () => {
    assert.equal(inspect('a.pkl', bytes(proto(2), 'N.')).format, 'pickle');
    assert.equal(inspect('a.pkl', bytes(proto(2), 'N.', MAGIC)).format, 'pickle');
    assert.equal(inspect('a.pkl', bytes(proto(2), 'K\u0001.')).format, 'pickle');
    assert.equal(inspect('a.pkl', MAGIC).format, 'torch-legacy');
  });
});

describe('P-10 the storages of early torch', () => {
  const model = (...numels: readonly Uint8Array[]): Buffer =>
    typed(global('torch', 'FloatStorage'), ...numels);
  const typed = (type: Uint8Array, ...numels: readonly Uint8Array[]): Buffer =>
    bytes(
      proto(2),
      ...numels.map((numel, n) =>
        bytes('(', text('storage'), type, 'K', n, text('cpu'), numel, 'tQ0'),
      ),
      'N.',
    );

  test('stand one behind the other', () => {
    const two = model(bytes('K', 3), bytes('K', 0));

    assert.equal(rules('a.pt', legacy(two, Buffer.alloc(8 + 12 + 8))), '');
    assert.equal(rules('a.pt', legacy(two, Buffer.alloc(8 + 12 + 7))), 'P-7');
  });

  test('of no type hold bytes', () => {
    const untyped = typed(global('torch.storage', 'UntypedStorage'), bytes('K', 3));

    assert.equal(rules('a.pt', legacy(untyped, Buffer.alloc(8 + 3))), '');
    assert.equal(rules('a.pt', legacy(untyped, Buffer.alloc(8 + 2))), 'P-7');
    assert.equal(rules('a.pt', legacy(untyped, Buffer.alloc(8 + 4))), 'P-10');
  });

  test('have a size that the stream says', () => {
    assert.equal(rules('a.pt', legacy(model(bytes('N')), Buffer.alloc(8))), 'P-10');
    assert.equal(rules('a.pt', legacy(model(bytes('J', u32(-1))), Buffer.alloc(4))), 'P-10');
  });

  test('are told of by what they need', () => {
    assert.match(
      messages('a.pt', legacy(stateDict(), Buffer.alloc(20))),
      /the storages need 24 bytes and 20 remain/,
    );
  });
});

describe('a bytes value inside a pickle', () => {
  const inside = (inner: Uint8Array): string =>
    rules('a.pkl', bytes(proto(4), 'C', inner.length, inner, '.'));

  test('P-14 is a finding when it imports what is denied and comes to its end or acts', () => {
    assert.equal(inside(bytes('cposix\nsystem\n.')), 'P-14');
    assert.equal(inside(bytes('cposix\nsystem\n)R', 0xff, '.')), 'P-14');
    assert.equal(inside(bytes('cposix\nsystem\n', 0xff, '.')), '');
    assert.equal(inside(bytes('ccollections\nOrderedDict\n)R.')), '');
  });

  test('that is unpickled is a member of its own', () => {
    const inner = calls('posix', 'system');
    const file = bytes(
      proto(4),
      global('torch.storage', '_load_from_bytes'),
      'C',
      inner.length,
      inner,
      0x85,
      'R.',
    );
    const start = file.indexOf(inner);

    assert.deepEqual(
      inspect('a.pkl', file).findings.map(({ rule, member }) => [rule, member]),
      [
        ['P-14', null],
        ['P-1', `bytes@${start}`],
      ],
    );
  });
});

describe('P-8 what shared references expand to', () => {
  /** A pickle of `length` bytes whose result has exactly this weight. */
  function weighing(weight: number, length: number): Buffer {
    // List k has ten references to list k-1, or ten times None: weights 11, 111, 1111, ...
    const lists = [bytes('](', 'N'.repeat(10), 'eq', 0, '0')];
    const weights = [11];
    for (let k = 1; k < 9; k += 1) {
      lists.push(bytes('](', `h${String.fromCharCode(k - 1)}`.repeat(10), 'eq', k, '0'));
      weights.push(10 * (weights[k - 1] ?? 0) + 1);
    }
    let left = weight - 1;
    const parts: Buffer[] = [];
    for (let k = 8; k >= 0; k -= 1) {
      const unit = weights[k] ?? 1;
      parts.push(bytes(`h${String.fromCharCode(k)}`.repeat(Math.floor(left / unit))));
      left %= unit;
    }
    const body = bytes(...lists, '](', ...parts, 'N'.repeat(left), 'e.');
    const padding = length - body.length - 2 - 6;
    return bytes(proto(2), 'B', u32(padding), Buffer.alloc(padding), '0', body);
  }

  test('is reported from a hundred million values on', () => {
    assert.equal(rules('a.pkl', weighing(1e8 - 1, 1000)), '');
    assert.equal(rules('a.pkl', weighing(1e8, 1000)), 'P-8');
  });

  test('is reported from ten thousand values for each byte on', () => {
    assert.equal(rules('a.pkl', weighing(2e8 - 1, 20_000)), '');
    assert.equal(rules('a.pkl', weighing(2e8, 20_000)), 'P-8');
    assert.equal(rules('a.pkl', bytes(proto(2), 'N.', weighing(2e8, 20_000))), 'P-8');
  });
});

test('a defect of a source is told as one, and not as a broken pickle', () => {
  const pickle = calls('posix', 'system');
  const source = {
    sizeBytes: pickle.length + 70_000,
    read: (offset: number, length: number): Uint8Array => {
      if (offset > 60_000) throw new TypeError('no disk');
      return bytes(proto(2), 'N0'.repeat(40_000)).subarray(offset, offset + length);
    },
  };
  const [file] = scanFiles([{ path: 'a.pkl', kind: 'file', source }]).files;

  assert.deepEqual(
    file?.findings.map(({ rule, message }) => [rule, message]),
    [['M-3', 'a reader failed: TypeError: no disk']],
  );
});

test('a fault is told with its place, and imports from there on are looked for', () => {
  const file = bytes(proto(2), 'N0', 0xff, 'cposix\nsystem\n.');
  const { findings } = inspect('a.pkl', file);

  assert.deepEqual(
    findings.map(({ rule, offset }) => [rule, offset]),
    [
      ['P-7', 4],
      ['P-1', 5],
    ],
  );
  assert.match(findings[1]?.message ?? '', /posix\.system stands behind the broken point/);
});

test('P-8 pickles nested in object arrays are at most a thousand', () => {
  const head = bytes(
    global('joblib.numpy_pickle', 'NumpyArrayWrapper'),
    ')',
    0x81,
    '}(',
    text('dtype'),
    global('numpy', 'dtype'),
    text('O'),
    0x85,
    'R',
    text('shape'),
    'K\u0001',
    0x85,
    'ub',
  );
  const nested = (count: number): Buffer =>
    bytes(proto(2), bytes(head, 'N.0').toString('latin1').repeat(count), 'N.');

  assert.equal(rules('a.joblib', nested(1000)), '');
  assert.equal(rules('a.joblib', nested(1001)), 'P-8');
});
