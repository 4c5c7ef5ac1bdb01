import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';

const tree = (call: string): string =>
  `{% macro f(x, n) %}{% if x %}${call}{% endif %}{% endmacro %}{{ f(tools, 0) }}`;

describe('macros and loops that call themselves', () => {
  for (const [title, template] of [
    ['a macro that walks data', tree("{{ f(x['items'], n + 1) }}")],
    ['a macro that walks members', tree('{% for k, v in x.items() %}{{ f(v, n) }}{% endfor %}')],
    [
      'branches with the same part',
      tree('{% if a %}{{ f(x.a) }}{% else %}{{ f(x.a) }}{% endif %}'),
    ],
    ['several parts', tree("{{ f(x.a) }}{{ f(x.b) }}{{ f(x.get('c')) }}")],
    [
      'macros that call each other',
      '{% macro a(x) %}{{ b(x) }}{% endmacro %}{% macro b(x) %}{{ a(x.c) }}{% endmacro %}{{ a(y) }}',
    ],
    ['a recursive loop', '{% for x in y recursive %}{{ loop(x.children) }}{% endfor %}'],
  ] as const) {
    test(`${title} may be used`, () => {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), '');
    });
  }

  for (const [title, template] of [
    ['a macro that counts', tree('{{ f(x, n + 1) }}{{ f(x, n + 1) }}')],
    ['a macro with the same part twice', tree('{{ f(x.a, n) }}{{ f(x.a, n) }}')],
    ['the same part under two names', tree("{% set y = x %}{{ f(x.a, n) }}{{ f(y['a'], n) }}")],
    ['a part that is no smaller', tree('{{ f(x[0:], n + 1) }}')],
    ['a character of a text', tree('{{ f(x[0], n + 1) }}')],
    [
      'macros that call each other',
      '{% macro a() %}{{ b() }}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}',
    ],
    ['a macro that loops over itself', tree('{% for i in [1, 2] %}{{ f(x.a, n) }}{% endfor %}')],
    ['a macro without an end', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'],
    ['a macro as a default', '{% macro f(n=f) %}{{ n(n) }}{% endmacro %}{{ f() }}'],
    ['a macro that is passed on', '{% macro f(g, n) %}{{ g(g, n) }}{% endmacro %}{{ f(f, 9) }}'],
    ['a macro under another name', '{% macro f(n) %}{{ ns.g(n) }}{% endmacro %}{% set ns.g = f %}'],
    [
      'a loop that calls itself on itself',
      '{% for x in y recursive %}{{ loop(y) }}{{ loop(y) }}{% endfor %}',
    ],
  ] as const) {
    test(`G-2 ${title} is a finding`, () => {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), 'G-2');
    });
  }

  test('G-1 a block may not call itself by any name', () => {
    const template = '{% block name %}{{ self.name() }}{{ self.name() }}{% endblock %}';

    assert.equal(rules('chat_template.jinja', Buffer.from(template)), 'G-1');
  });
});
