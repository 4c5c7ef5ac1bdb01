import assert from 'node:assert/strict';
import { test } from 'node:test';

import { flatten } from '../../src/action/suspicion.ts';
import { readTrajectory } from '../../src/action/trajectory.ts';

test('flatten() marks who said what and cuts long results', () => {
  const text = flatten(
    readTrajectory([
      { role: 'user', content: 'hi' },
      { role: 'tool', content: 'x'.repeat(9000) },
      { role: 'agent', tool: 'pay', args: { to: 'Ann' } },
    ]),
  );

  assert.match(text, /^userasks: hi\ntoolsays: x+ \.\.\.\ncalltool: pay to: Ann\n$/);
  assert.ok(text.length < 1000);
});
