import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspect, messages, rules } from '../outcome.ts';
import { bytes, calls, global, proto, text, u64 } from '../pickle-bytes.ts';

const WRAPPER = global('joblib.numpy_pickle', 'NumpyArrayWrapper');

function dtype(code: string): Buffer {
  return bytes(global('numpy', 'dtype'), text(code), 0x89, 0x88, 0x87, 'R');
}

/** A joblib stream with one array of `code` x `shape`, its bytes, and what follows. */
function stream(code: string, shape: Buffer, data: Uint8Array, after: Uint8Array): Buffer {
  const state = bytes('}(', text('dtype'), dtype(code), text('shape'), shape, 'u');
  return bytes(proto(3), '](', WRAPPER, ')', 0x81, state, 'b', data, after, 'e.');
}

const FOUR = bytes('K\u0004', 0x85);

describe('arrays inside a joblib stream', () => {
  test('P-11 the array bytes are skipped exactly and the stream goes on', () => {
    const file = stream('f8', FOUR, Buffer.alloc(32, 0xff), text('x'));

    assert.equal(rules('a.joblib', file), '');
    assert.equal(inspect('a.joblib', file).format, 'joblib');
  });

  test('P-11 a call behind the array is seen', () => {
    const call = bytes(global('posix', 'system'), text('id'), 0x85, 'R');

    assert.equal(rules('a.joblib', stream('f8', FOUR, Buffer.alloc(32, 0xff), call)), 'P-1');
  });

  test('P-11 an object array is a pickle of its own', () => {
    assert.equal(rules('a.joblib', stream('O', FOUR, calls('posix', 'system'), text('x'))), 'P-1');
    assert.equal(rules('a.joblib', stream('O', FOUR, bytes(proto(2), '].'), text('x'))), '');
  });

  test('P-11 an array that is longer than the file, or without a known type, is incomplete', () => {
    const long = bytes('J', 0xff, 0xff, 0xff, 0x7f, 0x85);

    assert.equal(rules('a.joblib', stream('f8', long, Buffer.alloc(8), text('x'))), 'P-11 P-7');
    assert.equal(rules('a.joblib', stream('zz', FOUR, Buffer.alloc(8), text('x'))), 'P-11 P-7');
  });

  test('P-11 array bytes that act as opcodes for a plain pickle.load are a finding', () => {
    const data = bytes(global('posix', 'system'), text('id'), 0x85, 'R.');
    const size = bytes('K', data.length, 0x85);

    assert.equal(rules('a.joblib', stream('u1', size, data, text('x'))), 'P-9');
  });

  test('P-8 array bytes that are more opcodes than are looked at are not called clean', () => {
    const data = bytes('N0'.repeat(150_000), global('posix', 'system'), text('id'), 0x85, 'R.');
    const size = Buffer.alloc(4);
    size.writeUInt32LE(data.length);

    const file = stream('u1', bytes('J', size, 0x85), data, text('x'));

    assert.equal(rules('a.joblib', file), 'P-8');
  });

  test('Z-4 an array file outside the folder of the pickle is a finding', () => {
    const wrapper = global('joblib.numpy_pickle', 'NDArrayWrapper');
    const named = (name: string): Buffer =>
      bytes(proto(2), wrapper, ')', 0x81, '}(', text('filename'), text(name), 'ub.');

    assert.equal(rules('a.pkl', named('a.pkl_01.npy')), '');
    assert.equal(rules('a.pkl', named('../../etc/passwd')), 'Z-4');
  });

  const state = (...entries: readonly Uint8Array[]): Buffer =>
    bytes(proto(4), '](', WRAPPER, ')', 0x81, '}(', ...entries, 'ub');
  const TYPE = bytes(text('dtype'), dtype('f8'));
  const END = bytes(text('x'), 'e.');

  test('P-11 a shape of several dimensions has the product of them', () => {
    const shape = (dims: Uint8Array): Buffer => state(TYPE, text('shape'), dims);
    const read = (dims: Uint8Array, size: number): string =>
      rules('a.joblib', bytes(shape(dims), Buffer.alloc(size, 0xff), END));

    assert.equal(read(bytes('K\u0002K\u0003', 0x86), 48), '');
    assert.equal(read(bytes(')'), 8), '');
    assert.equal(read(bytes('K\0K\u0003', 0x86), 0), '');
    assert.equal(read(bytes('K\u0002N', 0x86), 16), 'P-11 P-7');
    assert.equal(read(bytes('K\u0002'), 16), 'P-11 P-7');
    assert.equal(
      read(bytes('J', 0xff, 0xff, 0xff, 0x7f, '2J', 0xff, 0xff, 0xff, 0x7f, 0x87), 16),
      'P-11 P-7',
    );
  });

  test('P-11 padding stands before an array that says so', () => {
    const aligned = (value: Uint8Array): Buffer =>
      state(TYPE, text('shape'), FOUR, text('numpy_array_alignment_bytes'), value);
    const data = Buffer.alloc(32, 0xff);

    assert.equal(rules('a.joblib', bytes(aligned(bytes('K', 16)), 3, 'abc', data, END)), '');
    assert.equal(rules('a.joblib', bytes(aligned(bytes('K', 16)), 0, data, END)), '');
    assert.equal(rules('a.joblib', bytes(aligned(bytes('N')), data, END)), '');
  });

  test('P-11 a description with a computed key, or none, cannot be located', () => {
    const computed = bytes(global('builtins', 'str'), ')R');

    assert.equal(rules('a.joblib', bytes(state(TYPE, bytes(computed, 'N')), END)), 'P-11 P-7');
    assert.match(
      messages('a.joblib', bytes(proto(4), WRAPPER, ')', 0x81, 'Nb.')),
      /its description is not a small dict/,
    );
  });

  test('P-11 a missing type or shape is told', () => {
    assert.match(
      messages('a.joblib', bytes(state(TYPE), END)),
      /its type or shape is not a literal/,
    );
    assert.match(messages('a.joblib', bytes(state(text('shape'), FOUR), END)), /its type or shape/);
    assert.match(
      messages('a.joblib', bytes(state(TYPE, text('shape'), FOUR), Buffer.alloc(20))),
      /it claims 32 bytes and 20 remain/,
    );
  });

  test('a wrapper of another module has no array behind it', () => {
    const other = bytes(proto(4), global('collections', 'OrderedDict'), ')R}b.');

    assert.equal(rules('a.joblib', other), '');
    assert.equal(inspect('a.joblib', other).format, 'pickle');
  });

  test('P-9 array bytes that only import, or call only what is allowed, are no finding', () => {
    const read = (data: Uint8Array): string =>
      rules('a.joblib', stream('u1', bytes('K', data.length, 0x85), data, text('x')));

    assert.equal(read(bytes(global('acme', 'f'), 0xff)), '');
    assert.equal(read(bytes(global('collections', 'OrderedDict'), ')R.')), '');
    assert.equal(read(bytes(global('acme', 'f'), ')R', 0xff)), 'P-9');
  });

  test('P-9 only the first array decides what pickle.load reads on with', () => {
    const data = bytes(global('posix', 'system'), ')R.');
    const first = stream('u1', bytes('K', 4, 0x85), Buffer.alloc(4, 0xff), Buffer.alloc(0));
    const second = stream('u1', bytes('K', data.length, 0x85), data, text('x'));

    assert.equal(rules('a.joblib', bytes(first.subarray(0, -2), second.subarray(4))), '');
  });

  test('P-9 array bytes that begin by taking from the stack are followed', () => {
    const data = bytes('0', global('posix', 'system'), ')R.');

    assert.equal(
      rules('a.joblib', stream('u1', bytes('K', data.length, 0x85), data, text('x'))),
      'P-9',
    );
  });

  test('P-9 a frame ends before the array, not inside it', () => {
    const described = state(TYPE, text('shape'), FOUR).subarray(2);
    const framed = (length: number): string =>
      rules('a.joblib', bytes(proto(4), 0x95, u64(length), described, Buffer.alloc(32, 0xff), END));

    assert.equal(framed(described.length), '');
    assert.equal(framed(described.length + 1), 'P-9');
    assert.equal(framed(described.length + 32), 'P-9');
  });

  test('Z-4 an array file has a plain name', () => {
    const wrapper = global('joblib.numpy_pickle_compat', 'NDArrayWrapper');
    const named = (name: Uint8Array): string =>
      rules('a.pkl', bytes(proto(2), wrapper, ')', 0x81, '}(', text('filename'), name, 'ub.'));

    assert.equal(named(text('a..npy')), '');
    for (const name of ['', '..', 'a/b', 'a\\b', 'c:b', 'a\0b'])
      assert.equal(named(text(name)), 'Z-4', name);
    assert.equal(named(bytes('N')), 'P-11 P-7');
  });
});
