import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { zip } from '../archive-bytes.ts';
import { inspect, rules } from '../outcome.ts';
import { bytes, calls, stateDict } from '../pickle-bytes.ts';
import { torchZip } from '../samples.ts';

const EVIL = calls('posix', 'system');
const SAFE = Buffer.from('{}');

const CASES: readonly (readonly [title: string, archive: Uint8Array, expected: RegExp])[] = [
  ['a torch archive with a state dict is clean', torchZip(), /^$/],
  [
    'a deflated member is judged as inflated',
    zip([{ name: 'archive/data.pkl', data: EVIL, method: 8 }]),
    /^P-1$/,
  ],
  [
    'Z-1 every member is sniffed, whatever its name',
    zip([
      { name: 'archive/data.pkl', data: stateDict() },
      { name: 'archive/data/0', data: Buffer.alloc(16) },
      { name: 'archive/extra', data: EVIL },
    ]),
    /P-1/,
  ],
  [
    'Z-1 a tensor of the archive that is a pickle is judged as one',
    zip([
      { name: 'archive/data.pkl', data: stateDict() },
      { name: 'archive/data/0', data: EVIL },
    ]),
    /P-1/,
  ],
  [
    'Z-3 a name that is there twice blocks',
    zip([
      { name: 'a.json', data: SAFE },
      { name: 'a.json', data: SAFE },
    ]),
    /Z-3/,
  ],
  [
    'Z-3 a name that is there twice but for its case blocks',
    zip([
      { name: 'a.json', data: SAFE },
      { name: 'A.json', data: SAFE },
    ]),
    /Z-3/,
  ],
  [
    'Z-3 a member outside the directory blocks and is judged',
    zip([
      { name: 'a.json', data: SAFE },
      { name: 'b.pkl', data: EVIL, hidden: true },
    ]),
    /P-1.*Z-3/,
  ],
  [
    'Z-3 bytes before the archive block',
    zip([{ name: 'a.json', data: SAFE }], { prefix: Buffer.from('MORE') }),
    /Z-3/,
  ],
  [
    'Z-3 bytes behind the archive block',
    zip([{ name: 'a.json', data: SAFE }], { suffix: Buffer.from('MORE') }),
    /Z-3/,
  ],
  [
    'Z-3 a count of entries that lies blocks',
    zip([{ name: 'a.json', data: SAFE }], { count: 2 }),
    /Z-3/,
  ],
  [
    'Z-3 two archives in a row block, and the first is judged too',
    bytes(zip([{ name: 'a.pkl', data: EVIL }]), zip([{ name: 'b.json', data: SAFE }])),
    /P-1.*Z-3/,
  ],
  ['Z-3 a NUL in a name blocks', zip([{ name: 'a.json\0.txt', data: SAFE }]), /Z-3/],
  [
    'Z-3 an unknown method is incomplete',
    zip([{ name: 'a.json', data: SAFE, method: 12 }]),
    /Z-3-U/,
  ],
  ['Z-4 a name with ".." blocks', zip([{ name: '../a.json', data: SAFE }]), /Z-4/],
  ['Z-4 an absolute name blocks', zip([{ name: '/a.json', data: SAFE }]), /Z-4/],
  ['Z-4 a drive in a name blocks', zip([{ name: 'C:a.json', data: SAFE }]), /Z-4/],
  ['Z-4 a backslash in a name blocks', zip([{ name: 'a\\..\\b.json', data: SAFE }]), /Z-4/],
  [
    'Z-4 a symbolic link blocks',
    zip([{ name: 'a', data: Buffer.from('/etc'), mode: 0xa1ff }]),
    /Z-4/,
  ],
  ['Z-4 a device blocks', zip([{ name: 'a', data: Buffer.alloc(0), mode: 0x2000 }]), /Z-4/],
  ['Z-5 archives deeper than three levels stop the scan', nested(5, EVIL), /M-3/],
  ['an archive in an archive is opened', nested(1, EVIL), /P-1/],
  [
    'a truncated archive is not clean, and its members are judged',
    torchZip(EVIL).subarray(0, -30),
    /P-1.*Z-3/,
  ],
];

function nested(levels: number, inner: Uint8Array): Buffer {
  let archive = zip([{ name: 'a.pkl', data: inner }]);
  for (let level = 0; level < levels; level += 1) archive = zip([{ name: 'b.zip', data: archive }]);
  return archive;
}

describe('ZIP archives', () => {
  for (const [title, archive, expected] of CASES) {
    test(title, () => {
      assert.match(rules('model.zip', archive), expected);
    });
  }

  test('a finding names the member, and the member of a member', () => {
    const [finding] = inspect('m.zip', nested(1, EVIL)).findings;

    assert.equal(finding?.member, 'b.zip!/a.pkl');
  });

  test('Z-5 members that overlap are not clean', () => {
    const archive = zip([
      { name: 'a.json', data: Buffer.alloc(64, 0x20) },
      { name: 'b.json', data: SAFE },
    ]);
    const second = archive.indexOf('PK\u0001\u0002', archive.indexOf('PK\u0001\u0002') + 1);
    archive.writeUInt32LE(0, second + 42);

    assert.match(rules('m.zip', archive), /Z-5/);
  });
});
