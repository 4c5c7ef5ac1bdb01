import assert from 'node:assert/strict';
import { test } from 'node:test';

import { splitTemplate } from '../../../src/scan/text/template-token.ts';

function shape(template: string): string[] {
  return splitTemplate(template).map((s) =>
    s.kind === 'text' ? `"${s.text}"` : `${s.kind}:${s.tokens.map((t) => t.value).join(' ')}`,
  );
}

test('text, tags, outputs, comments and raw blocks are told apart', () => {
  assert.deepEqual(shape('a{{- b.c -}}d{# {{ e }} #}{% if f %}{% raw %}{{ g }}{% endraw %}'), [
    '"a"',
    'output:b . c',
    '"d"',
    'tag:if f',
    '"{{ g }}"',
  ]);
});

test('brackets keep the end mark inside an expression', () => {
  assert.deepEqual(shape("{{ {'a': {'b': 1}} }}"), ['output:{ a : { b : 1 } }']);
});

test('escapes are decoded as Python decodes them', () => {
  assert.deepEqual(shape("{{ '\\x41\\u0042\\103\\N{LOW LINE}\\q' }}"), ['output:ABC_q']);
});

test('what does not end is malformed', () => {
  for (const template of ['{{ a', '{# a', '{% raw %}', "{{ 'a }}", '{{ a ] }}']) {
    assert.throws(() => splitTemplate(template), { code: 'SCAN_MALFORMED' }, template);
  }
});
