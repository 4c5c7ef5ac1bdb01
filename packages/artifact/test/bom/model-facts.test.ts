import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FactCollector } from '../../src/bom/model-facts.ts';

test('distinct values stay, in order; empty ones say nothing', () => {
  const facts = new FactCollector();
  for (const value of ['mit', '', '  ', 'mit', 'apache-2.0']) facts.add('licence', value);

  assert.deepEqual(facts.finish().values.get('licence'), ['mit', 'apache-2.0']);
  assert.equal(facts.finish().values.get('task'), undefined);
});

test('a tensor counts once per format and name, however many files hold it', () => {
  const facts = new FactCollector();
  facts.tensor('safetensors', 'w', 'F16', 10n);
  facts.tensor('safetensors', 'w', 'F32', 10n);
  facts.tensor('safetensors', 'v', 'F16', 5n);
  facts.tensor('gguf', 'w', 'Q4_K', 10n);

  assert.deepEqual(
    [...facts.finish().elements].map(([format, counts]) => [format, [...counts]]),
    [
      ['safetensors', [['F16', 15n]]],
      ['gguf', [['Q4_K', 10n]]],
    ],
  );
});

test('hostile text is cut, made well-formed and freed of control characters', () => {
  const facts = new FactCollector();
  facts.add('architecture', `a\u0000\u001b[31m\ud800b${'x'.repeat(1000)}`);
  facts.library('l\nib', '1\u2028', 'config.json');
  facts.port('inputs', { name: 'in\r', type: 'FLOAT', shape: ['a\nb'] });

  const { values, libraries, inputs } = facts.finish();

  assert.match(values.get('architecture')?.[0] ?? '', /^a \[31m\ufffdbx{200,249}$/);
  assert.deepEqual(libraries, [{ name: 'l ib', version: '1', source: 'config.json' }]);
  assert.deepEqual(inputs, [{ name: 'in', type: 'FLOAT', shape: ['a b'] }]);
});

test('however much a file says, what is kept is bounded', () => {
  const facts = new FactCollector();
  for (let n = 0; n < 1000; n += 1) {
    facts.add('dataset', `d${n}`);
    facts.library(`l${n}`, null, 'x');
    facts.port('outputs', { name: String(n), type: 'FLOAT', shape: Array(100).fill('1') });
    facts.unreadable(`f${n}`, 'why');
  }
  const { values, libraries, outputs, unread } = facts.finish();

  assert.equal(values.get('dataset')?.length, 64);
  assert.equal(libraries.length, 64);
  assert.equal(outputs.length, 256);
  assert.equal(outputs[0]?.shape?.length, 16);
  assert.equal(unread.length, 64);
});
