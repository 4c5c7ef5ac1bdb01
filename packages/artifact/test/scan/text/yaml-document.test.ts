import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseYaml } from '../../../src/scan/text/yaml-document.ts';
import { messages, rules } from '../outcome.ts';

const yaml = (text: string): string => rules('config.yaml', Buffer.from(text));

test('documents are read as what they say', () => {
  for (const [text, expected] of [
    [
      'a: 1\nb:\n- x\n- y: z\n  w: null\nc: {d: [e, f: g], "h":i}\n',
      [{ a: 1, b: ['x', { y: 'z', w: null }], c: { d: ['e', { f: 'g' }], h: 'i' } }],
    ],
    ['- - a\n  - b\n-\n  c\n', [[['a', 'b'], 'c']]],
    ['--- a\n...\n---\nb: &x [1]\nc: *x\n', ['a', { b: [1], c: [1] }]],
    ['? a\n: - b\n? c\n', [{ a: ['b'], c: null }]],
    ['%YAML 1.2\n--- # c\na: b # c\n# d\n', [{ a: 'b' }]],
    ['a: !!str 5 \n&k b: *k\n', [{ a: 5, b: 'b' }]],
    ['__proto__: a\n', [JSON.parse('{"__proto__":"a"}')]],
    ['', []],
  ] as const) {
    assert.deepEqual(parseYaml(text), expected, text);
  }
});

describe('YAML that readers read differently', () => {
  for (const [title, text] of [
    ['a key stands twice', 'a: 1\na: 2\n'],
    ['a value is followed by a colon', 'a: b: c\n'],
    ['a quote does not end', 'a: "b\n'],
    ['a bracket does not end', 'a: [b\n'],
    ['a line is out of place', 'a:\n  b: 1\n c: 2\n'],
    ['a tab indents', 'a:\n\tb: 1\n'],
    ['a key is a collection', '? [a]\n: b\n'],
    ['an alias names nothing', 'a: *b\n'],
    ['an alias is inside of what it names', 'a: &a [*a]\n'],
    ['a tag ends where readers differ', 'a: [!!str, b]\n'],
    ['an escape is not known', 'a: "\\q"\n'],
    [
      'it has too many values',
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${[1, 2, 3, 4, 5, 6, 7]
        .map((n) => `a${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]\n`)
        .join('')}`,
    ],
    ['a value has tags without end', `a: ${'&a '.repeat(200_000)}`],
    ['a key has tags without end', `${'&a '.repeat(200_000)}b: c\n`],
    ['a text has escapes without end', `a: "${'\\n'.repeat(500_000)}"\n`],
    ['lines have no end', `${'k: [\n'.repeat(120)}${'\n'.repeat(200_000)}`],
    ['it nests too deep', `a: ${'['.repeat(200)}${']'.repeat(200)}\n`],
  ] as const) {
    test(`C-4 ${title}`, () => {
      assert.equal(yaml(text), 'C-4');
      assert.match(messages('a.yaml', Buffer.from(text)), /not YAML that every reader reads alike/);
    });
  }
});
