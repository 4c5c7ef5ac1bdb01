import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { attempt } from '../mutate/attempt.ts';
import { applied, mutantsOf } from '../mutate/mutants.ts';

const mutated = (text: string) => mutantsOf('a.ts', text).map((mutant) => applied(text, mutant));

test('comparisons, conditions, numbers and statements change one at a time', () => {
  assert.deepEqual(mutated('const f = (a: number): boolean => a < 3;'), [
    'const f = (a: number): boolean => a <= 3;',
    'const f = (a: number): boolean => a >= 3;',
    'const f = (a: number): boolean => a < 4;',
  ]);
  assert.deepEqual(mutated('if (ok) stop();'), [
    'if (true) stop();',
    'if (false) stop();',
    'if (ok) {}',
  ]);
});

test('types, imports and wording stay', () => {
  assert.deepEqual(mutated("import a from 'a'; type B = 1 | 2; const c = `x ${a}`;"), []);
});

test('a fault is killed by a test that notices it and survives one that does not', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-mutants-'));
  const source = path.join(folder, 'double.ts');
  const text = 'export const double = (n: number): number => n * 2;\n';
  writeFileSync(source, text);
  const check = (name: string, expected: string): string => {
    const file = path.join(folder, name);
    writeFileSync(
      file,
      `import { test } from 'node:test';\nimport { double } from './double.ts';\ntest('t', () => { if (!(${expected})) throw new Error('wrong'); });\n`,
    );
    return file;
  };
  const good = check('good.test.ts', 'double(3) === 6');
  const weak = check('weak.test.ts', 'double(0) === 0');
  const [division] = mutantsOf(source, text).filter(({ replacement }) => replacement === '/');
  assert.ok(division !== undefined);

  const judge = async (tests: readonly string[]) =>
    (await attempt({ source, mutant: division, tests, cpuSeconds: 10 })).verdict;

  assert.equal(await judge([good]), 'killed');
  assert.equal(await judge([weak]), 'survived');
});
