import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';
import { bytes, calls, proto } from '../pickle-bytes.ts';
import { npy } from '../samples.ts';

function header(descr: string, shape: string): string {
  return `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
}

const EVIL = calls('posix', 'system');
const CASES: readonly (readonly [title: string, file: Uint8Array, expected: string])[] = [
  ['an array of plain numbers is clean', npy(header("'<f4'", '(2,)'), Buffer.alloc(8)), ''],
  [
    'an array without elements and one without dimensions are clean',
    npy(header("'<f8'", '()'), Buffer.alloc(8)),
    '',
  ],
  [
    'a structured array is clean',
    npy(header("[('a', '<i4'), ('b', '<f4', (2,))]", '(1,)'), Buffer.alloc(12)),
    '',
  ],
  ['an array of objects is judged as a pickle', npy(header("'|O'", '(1,)'), EVIL), 'P-1'],
  ['an array of harmless objects is clean', npy(header("'|O'", '(1,)'), bytes(proto(2), '].')), ''],
  [
    'an object in a field makes the data a pickle',
    npy(header("[('a', '<i4'), ('b', '|O')]", '(1,)'), EVIL),
    'P-1',
  ],
  ['data that are too short are incomplete', npy(header("'<f4'", '(9,)'), Buffer.alloc(8)), 'N-1'],
  [
    'a shape whose product overflows is incomplete',
    npy(header("'<f4'", '(4294967296, 4294967296)'), Buffer.alloc(8)),
    'N-1',
  ],
  [
    'bytes behind the data are judged',
    npy(header("'<f4'", '(2,)'), bytes(Buffer.alloc(8), EVIL)),
    'N-1 P-1',
  ],
  [
    'a header with an expression is incomplete',
    npy("{'descr': f(), 'fortran_order': False, 'shape': (2,)}", Buffer.alloc(8)),
    'N-1',
  ],
  [
    'a header with another key is incomplete',
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", Buffer.alloc(8)),
    'N-1',
  ],
  ['a negative size is incomplete', npy(header("'<f4'", '(-1,)'), Buffer.alloc(8)), 'N-1'],
  [
    'several arrays in a row are clean',
    bytes(
      npy(header("'<f4'", '(2,)'), Buffer.alloc(8)),
      npy(header("'<f4'", '(1,)'), Buffer.alloc(4)),
    ),
    '',
  ],
];

describe('NumPy arrays', () => {
  for (const [title, file, expected] of CASES) {
    test(title, () => {
      assert.equal(rules('a.npy', file), expected);
    });
  }
});
