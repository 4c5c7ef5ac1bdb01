import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ScanError } from '../../../src/scan/errors.ts';
import type { Expression } from '../../../src/scan/text/template-expression.ts';
import { ExpressionParser, partsOf } from '../../../src/scan/text/template-expression.ts';
import { splitTemplate } from '../../../src/scan/text/template-token.ts';

function parse(source: string): Expression {
  const [segment] = splitTemplate(`{{ ${source} }}`);
  assert.ok(segment !== undefined && segment.kind !== 'text');
  const parser = new ExpressionParser(segment.tokens);
  const value = parser.tuple();
  parser.end();
  return value;
}

function outline(expression: Expression): string {
  const parts = partsOf(expression).map(outline).join(' ');
  return parts === '' ? expression.kind : `${expression.kind}(${parts})`;
}

test('precedence is that of Jinja', () => {
  assert.equal(outline(parse('a + b * c')), 'binary(name binary(name name))');
  assert.equal(outline(parse('a ~ b | trim')), 'binary(name filter(name))');
  assert.equal(
    outline(parse('a.b[1](c) | d(e)')),
    'filter(call(item(attribute(name) number) name) name)',
  );
  assert.equal(outline(parse('a if b else c')), 'choice(name name name)');
  assert.equal(outline(parse('not a in b')), 'test(binary(name name))');
  assert.equal(outline(parse('a, b')), 'list(name name)');
});

test('what is not an expression is malformed', () => {
  for (const source of [
    '',
    'a b',
    'a +',
    'a.',
    'a[',
    'f(a b)',
    'a[]',
    '('.repeat(100) + ')'.repeat(100),
  ]) {
    assert.throws(() => parse(source), ScanError, source);
  }
});
