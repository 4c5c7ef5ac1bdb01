import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { parseToml } from '../../src/dependencies/toml.ts';
import { ArtifactError } from '../../src/errors.ts';

function refused(text: string): void {
  assert.throws(
    () => parseToml(text),
    (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_LOCK_FILE_INVALID',
    text,
  );
}

test('a lock file reads as its tables', () => {
  const text = [
    '# comment',
    'version = 1 # another',
    "requires-python = '>=3.12'",
    '',
    '[options]',
    'a.b."c d" = true',
    '',
    '[[package]]',
    'name = "x"',
    'source = { registry = "https://example.org/simple", n = { m = [1, 2,] } }',
    'wheels = [',
    '  { hash = "sha256:00", size = 1_000 }, # why',
    '  { hash = "sha256:01", size = 0x1F },',
    ']',
    '[package.metadata]',
    'when = 2026-01-02T03:04:05Z',
    'day = 2026-01-02 03:04:05',
    '[[package]]',
    'name = "y"',
    'ratio = -1.5e3',
    '[[package.dependencies]]',
    'name = "z"',
  ].join('\r\n');

  assert.deepEqual(parseToml(text), {
    version: 1,
    'requires-python': '>=3.12',
    options: { a: { b: { 'c d': true } } },
    package: [
      {
        name: 'x',
        source: { registry: 'https://example.org/simple', n: { m: [1, 2] } },
        wheels: [
          { hash: 'sha256:00', size: 1000 },
          { hash: 'sha256:01', size: 31 },
        ],
        metadata: { when: '2026-01-02T03:04:05Z', day: '2026-01-02 03:04:05' },
      },
      { name: 'y', ratio: -1500, dependencies: [{ name: 'z' }] },
    ],
  });
});

test('texts: escapes, literals, several lines', () => {
  const text = [
    String.raw`a = "q\" \\ \t \u00e9 \U0001F600"`,
    String.raw`b = 'C:\path'`,
    'c = """',
    'one',
    'two\\',
    '    three""""',
    "d = '''",
    "it's'''",
  ].join('\n');

  assert.deepEqual(parseToml(text), {
    a: 'q" \\ \t \u00e9 \u{1f600}',
    b: String.raw`C:\path`,
    c: 'one\ntwothree"',
    d: "it's",
  });
});

test('__proto__ and constructor are keys like any other', () => {
  const root = parseToml('[__proto__]\npolluted = 1\n[constructor]\nx = 2\n');

  assert.deepEqual(Object.keys(root), ['__proto__', 'constructor']);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

describe('parseToml() refuses', () => {
  const cases: readonly (readonly [why: string, text: string])[] = [
    ['a key twice', 'a = 1\na = 2'],
    ['a key twice, otherwise spelt', 'a = 1\n"a" = 2'],
    ['a table twice', '[a]\nx = 1\n[a]\ny = 2'],
    ['a table that is a value', 'a = 1\n[a]'],
    ['an inline table reopened', 'a = { b = 1 }\n[a]\nc = 2'],
    ['an inline table extended by a dotted key', 'a = { b = 1 }\na.c = 2'],
    ['a list of tables that is a list', 'a = []\n[[a]]'],
    ['a table through a plain list', 'a = [1]\n[a.b]'],
    ['a text without end', 'a = "x'],
    ['a long text without end', 'a = """x""'],
    ['an unknown escape', String.raw`a = "\x41"`],
    ['an escape past Unicode', String.raw`a = "\UFFFFFFFF"`],
    ['a value missing', 'a ='],
    ['a number with a leading zero', 'a = 01'],
    ['a bare word', 'a = yes'],
    ['two values on a line', 'a = 1 b = 2'],
    ['an equals sign missing', 'a 1'],
    ['a header without end', '[a'],
    ['a list without end', 'a = [1, 2'],
    ['a list without commas', 'a = [1 2]'],
    ['an inline table without end', 'a = { b = 1'],
    ['nesting without bound', `a = ${'['.repeat(200)}`],
    ['a key of many parts', `${'a.'.repeat(200)}a = 1`],
  ];
  for (const [why, text] of cases) test(why, () => refused(text));
});

test('whatever the text, reading ends, in a table or in a refusal', () => {
  const piece = fc.constantFrom(
    'a',
    '=',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '"""',
    '.',
    ',',
    '\n',
    ' ',
    '1',
    '#',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      try {
        assert.equal(typeof parseToml(pieces.join('')), 'object');
      } catch (error) {
        assert.ok(error instanceof ArtifactError);
      }
    }),
  );
});
