import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspect, rules } from '../outcome.ts';
import { bytes, calls, global, proto, text } from '../pickle-bytes.ts';

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

  test('Z-4 an array file outside the folder of the pickle is a finding', () => {
    const wrapper = global('joblib.numpy_pickle', 'NDArrayWrapper');
    const named = (name: string): Buffer =>
      bytes(proto(2), wrapper, ')', 0x81, '}(', text('filename'), text(name), 'ub.');

    assert.equal(rules('a.pkl', named('a.pkl_01.npy')), '');
    assert.equal(rules('a.pkl', named('../../etc/passwd')), 'Z-4');
  });
});
