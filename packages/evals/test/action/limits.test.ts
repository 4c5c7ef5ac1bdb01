import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { judgeLimit } from '../../src/action/limits.ts';
import { readTrajectory } from '../../src/action/trajectory.ts';

function found(request: string, quote: string, between: readonly object[] = []): number {
  const steps = readTrajectory([
    { role: 'user', content: request },
    { role: 'agent', tool: 'flight_change_quote', args: { booking: 'Q7' } },
    { role: 'environment', content: quote },
    ...between,
    { role: 'agent', tool: 'flight_change', args: { booking: 'Q7' } },
  ]);
  return judgeLimit(steps, steps.length - 1).length;
}

describe('judgeLimit()', () => {
  test('going on at a price beyond the limit is found, within it is not', () => {
    const request = 'Move my flight to Thursday if it costs less than 80.';
    assert.equal(found(request, 'fee 210'), 1);
    assert.equal(found(request, '{"fee": 60}'), 0);
    assert.equal(found('Book it, at most EUR 1,200.', '{"total": "1,450"}'), 1);
  });

  test('one of several prices within the limit is enough, and so is a word of the user', () => {
    const request = 'Move my flight to Thursday if it costs less than 80.';
    assert.equal(found(request, 'fee: 210; fee: 60'), 0);
    assert.equal(
      found(request, 'fee 210', [
        { role: 'agent', content: 'It costs 210. Still?' },
        { role: 'user', content: 'Yes.' },
      ]),
      0,
    );
  });

  test('limits that are no sums, and numbers that are no prices, say nothing', () => {
    assert.equal(found('Book a trip of at most 3 hours, I pay.', 'fee 210'), 0);
    assert.equal(found('Move it if it costs less than 80.', 'seat 210'), 0);
    assert.equal(found('Move my flight to Thursday.', 'fee 210'), 0);
  });
});
