import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource } from '../../../src/scan/byte-source.ts';
import { probePickle } from '../../../src/scan/pickle/probe.ts';
import { int } from '../../../src/scan/pickle/value.ts';
import { bytes, calls, proto } from '../pickle-bytes.ts';

test('a probe tells a pickle from other bytes and reports nothing', () => {
  const pickle = probePickle(bytesSource(calls('posix', 'system')), 0);
  const prose = probePickle(bytesSource(Buffer.from('once upon a time')), 0);
  const plain = probePickle(bytesSource(bytes(proto(2), 'N.', 'rest')), 0);

  assert.deepEqual([pickle.complete, pickle.denied, pickle.acts], [true, 1, true]);
  assert.deepEqual([prose.complete, prose.denied, prose.acts], [false, 0, false]);
  assert.deepEqual([plain.complete, plain.end, plain.imports], [true, 4, 0]);
});

test('a probe stops after 200,000 steps, and says where', () => {
  const long = (steps: number): readonly boolean[] => {
    const { complete, isCut } = probePickle(bytesSource(bytes('N0'.repeat(steps / 2), 'N.')), 0);
    return [complete, isCut];
  };

  assert.deepEqual(long(199_000), [true, false]);
  assert.deepEqual(long(201_000), [false, true]);
  const broken = probePickle(bytesSource(Buffer.from('once upon a time')), 0);
  assert.equal(broken.isCut, false, 'the bytes stopped it, not the budget');
});

test('a probe may begin with values on the stack', () => {
  const source = bytesSource(bytes('0N.'));

  assert.ok(!probePickle(source, 0).complete);
  assert.ok(probePickle(source, 0, [int(1)]).complete);
});

test('a probe says what acts: a call, a persistent id, an extension', () => {
  const acts = (pickle: Uint8Array): boolean => probePickle(bytesSource(pickle), 0).acts;

  assert.ok(acts(bytes(proto(2), 'ccollections\nOrderedDict\n)R.')));
  assert.ok(acts(bytes(proto(2), 'NQ.')));
  assert.ok(acts(bytes(proto(2), 0x82, 1, '.')));
  assert.ok(!acts(bytes(proto(2), 'ccollections\nOrderedDict\n.')));
});

test('a probe tells modules that run code from other denied ones', () => {
  const known = (module: string): boolean =>
    probePickle(bytesSource(calls(module, 'f')), 0).hasKnownEffect;

  assert.deepEqual([known('posix'), known('acme')], [true, false]);
});
