import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { inspect, messages } from '../outcome.ts';
import { bytes, calls, global, proto } from '../pickle-bytes.ts';

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
});
