import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { isDeniedAddress } from '../../src/egress/address.ts';

const denied = [
  '0.0.0.0',
  '10.0.0.5',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.255',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:8.8.8.8',
  '::8.8.8.8',
  '64:ff9b::808:808',
  '2001::1',
  '2002:808:808::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1%eth0',
  'ff02::1',
  '2001:db8::1',
  'not an address',
  '',
];
const public_ = ['1.1.1.1', '8.8.8.8', '9.255.255.255', '172.32.0.1', '2606:4700::1111'];

describe('isDeniedAddress()', () => {
  for (const address of denied) {
    test(`denies "${address}"`, () => assert.ok(isDeniedAddress(address, [])));
  }
  for (const address of public_) {
    test(`lets ${address} pass`, () => assert.ok(!isDeniedAddress(address, [])));
  }
});

test("this host's own public addresses are denied", () => {
  assert.ok(isDeniedAddress('8.8.8.8', ['8.8.8.8']));
  assert.ok(isDeniedAddress('2606:4700::1', ['2606:4700::1%eth0']));
});
