import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bytesSource } from '../../../src/scan/byte-source.ts';
import { Inspection, Job } from '../../../src/scan/inspection.ts';
import { ImportRecord } from '../../../src/scan/pickle/import-record.ts';
import { DEFAULT_LIMITS } from '../../../src/scan/report.ts';
import { inspect, messages, rules } from '../outcome.ts';
import { bytes, calls, global, proto, text } from '../pickle-bytes.ts';

const ALONE = {
  siblings: new Map(),
  tensorData: new Set<string>(),
  tensorNames: new Map(),
  allowImports: new Set<string>(),
};

describe('denied imports', () => {
  test('one import made a thousand times is one finding', () => {
    const pickle = bytes(
      proto(2),
      bytes(global('acme', 'C'), '0').toString('latin1').repeat(1000),
      'N.',
    );

    assert.equal(inspect('a.pkl', pickle).findings.length, 1);
  });

  test('a module nobody knows is denied with the same severity', () => {
    assert.match(
      messages('a.pkl', calls('zzz', 'q')),
      /calls zzz\.q\("id"\), which is not on the allowlist/,
    );
    assert.equal(inspect('a.pkl', calls('zzz', 'q')).findings[0]?.severity, 'critical');
  });

  test('control characters of a name cannot forge lines of a report', () => {
    assert.doesNotMatch(messages('a.pkl', bytes(global('a\u001b[31m\rb', 'c'), '.')), /[\u001b\r]/);
  });

  test('the first import and the first call of a name are what a finding tells', () => {
    const pickle = bytes(
      proto(2),
      bytes(global('acme', 'f'), '0'),
      bytes(global('acme', 'f'), text('first'), 0x85, 'R0'),
      bytes(global('acme', 'f'), text('second'), 0x85, 'R.'),
    );
    const { findings } = inspect('a.pkl', pickle);

    assert.deepEqual(
      findings.map(({ message, offset }) => [message.split(',')[0], offset]),
      [['loading this file calls acme.f("first")', 2]],
    );
  });

  test('a call by the Python 2 name of a module is told under that name', () => {
    assert.match(
      messages('a.pkl', calls('__builtin__', 'eval')),
      /calls __builtin__\.eval\("id"\)/,
    );
  });

  test('a call is told of the import that is called, not of one of the same name', () => {
    const told = messages(
      'a.pkl',
      bytes(proto(2), global('__builtin__', 'f'), '0', global('acme', 'f'), text('id'), 0x85, 'R.'),
    );

    assert.match(told, /imports __builtin__\.f,/);
    assert.match(told, /calls acme\.f\("id"\)/);
  });

  test('arguments are told in at most 120 characters', () => {
    const long = text('x'.repeat(59));
    const [told = ''] = /f\(.*,/.exec(
      messages('a.pkl', bytes(global('acme', 'f'), long, long, long, 0x87, 'R.')),
    ) ?? [''];

    assert.equal(told.length, 'f'.length + 120 + ','.length);
  });

  test('a file of a hundred thousand names keeps a thousand of them', () => {
    const limits = { maxFindings: 100_000 };
    const names = (count: number): Buffer =>
      bytes(...Array.from({ length: count }, (_, n) => bytes(global('acme', `C${n}`), '0')), 'N.');

    assert.equal(inspect('a.pkl', names(1000), { limits }).findings.length, 1000);
    assert.equal(inspect('a.pkl', names(1001), { limits }).findings.length, 1000);
  });

  test('classes of a script are its own only inside its archive', () => {
    assert.equal(rules('a.pkl', bytes(global('__torch__.net', 'Net'), '.')), 'P-1');
    const place = { member: null, name: 'data.pkl', depth: 1, within: 'torchscript' };
    const job = new Job('net.pt', DEFAULT_LIMITS, ALONE, () => undefined);
    const record = new ImportRecord(new Inspection(job, bytesSource(new Uint8Array()), place));

    assert.equal(record.add('__torch__.net', 'Net', 0).rule, 'any');
    assert.equal(record.add('net.__torch__', 'Net', 0).rule, null);
    assert.equal(record.add('posix', 'system', 0).rule, null);
    assert.deepEqual([record.count, record.denied], [3, 2]);
  });
});
