import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';

const SAFE: readonly (readonly [title: string, template: string])[] = [
  [
    'loops, conditions and filters',
    "{%- for m in messages if m.role != 'tool' %}{{ '<|' + m['role'] + '|>' + m['content'] | trim }}{% else %}-{% endfor %}",
  ],
  [
    'namespaces and reversed slices',
    '{% set ns = namespace(a=true) %}{% for m in messages[::-1] %}{% set ns.a = false %}{% endfor %}{{ ns.a }}',
  ],
  [
    'methods of text',
    "{{ content.split('</think>')[-1].lstrip('\\n') if content.startswith('x') else content | upper }}",
  ],
  [
    'macros, calls and blocks',
    "{% macro a(b, c=none) %}{{ b ~ c }}{% endmacro %}{{ a('x', c=1) }}{% call a(1) %}t{% endcall %}{% set x %}y{% endset %}{% filter upper %}{{ x }}{% endfilter %}",
  ],
  [
    'literals, tests and arithmetic',
    '{% set d = {\'a\': [1, (2, 3)], "b": -1.5e3} %}{{ d.a[0] is defined and not d is mapping or 2 ** 3 // 1 }}',
  ],
  [
    'tool calls',
    "{{ tools | map(attribute='function.name') | join(', ') }}{{ x | tojson(indent=4) }}{{ raise_exception('no') }}",
  ],
  ['plain format strings', "{{ '{} and {}'.format(a, b) }}{{ '%s' % a }}"],
  [
    'generation, break and continue',
    '{% generation %}{{ x }}{% endgeneration %}{% for a in b %}{% break %}{% continue %}{% endfor %}',
  ],
  ['text with braces and comments', 'a { b } {# {{ x.__class__ }} #} c'],
  [
    'counters as subscripts',
    '{% set ns = namespace(i=0) %}{% for m in messages %}{% set ns.i = ns.i + 1 %}{{ messages[ns.i] }}{% endfor %}',
  ],
  ['names that only look private to people', "{{ message['tool_calls'] }}{{ date_string }}"],
  [
    'variables whose names begin with an underscore',
    "{% set _ns = namespace(r='') %}{% set _ns.r = _ns.r + 'x' %}{{ _ns.r }}",
  ],
];

const DENIED: readonly (readonly [title: string, template: string])[] = [
  ['a member with underscores', '{{ x.__class__ }}'],
  ['a subscript with underscores', "{{ x['__class__'] }}"],
  ['an escaped subscript', "{{ x['\\x5f\\x5fclass\\x5f\\x5f'] }}"],
  ['a name of neighbouring texts', "{{ x['__cla' 'ss__'] }}"],
  ['a concatenated name', "{{ x['__cla' ~ 'ss__'] }}"],
  ['a name of two variables', "{% set a = '__cla' %}{% set b = 'ss__' %}{{ ''[a + b] }}"],
  ['a joined name', "{{ x[['__', 'class', '__'] | join] }}"],
  ['a joined name by method', "{{ x['s'.join(['__cla', '__'])] }}"],
  ['a reversed name', "{{ x['__ssalc__' | reverse] }}"],
  ['a replaced name', "{{ x['AAclassAA'.replace('A', '_')] }}"],
  ['a lowered name', "{{ x['__CLASS__' | lower] }}"],
  ['a formatted name', "{{ x['%s%s' | format('__cla', 'ss__')] }}"],
  ['a name of numbers', "{{ x['%c%cclass' % (95, 95)] }}"],
  [
    'a name behind more steps than are followed',
    `{% set x = '' %}{{ x[('_' ~ '_class_' ~ '_')${' | lower'.repeat(14)}] }}`,
  ],
  [
    'a name that a variable is given after many others',
    `${Array.from({ length: 80 }, (_, n) => `{% set a = 'n${n}' %}`).join('')}{% set a = '_' ~ '_class_' ~ '_' %}{{ x[a] }}`,
  ],
  [
    'a mapped attribute behind more steps than are followed',
    `{{ [x] | map(attribute=('_' ~ '_class_' ~ '_')${' | lower'.repeat(14)}) }}`,
  ],
  [
    'a name at the end of more ways than are followed',
    `${'abcdefgh'
      .split('')
      .map((n, i, all) => `{% set ${n} = ${all[i + 1] ?? "'k'"} %}`.repeat(32))
      .join('')}{{ x[a] }}`,
  ],
  ['a name from a loop', "{% for k in ['__class__'] %}{{ x[k] }}{% endfor %}"],
  ['a name from a macro', '{% macro m() %}__class__{% endmacro %}{{ x[m()] }}'],
  ['a name from a set block', '{% set k %}__class__{% endset %}{{ x[k] }}'],
  [
    'a name from a namespace',
    "{% set ns = namespace() %}{% set ns.k = '__class__' %}{{ x[ns.k] }}",
  ],
  ['a name of a keyword', '{{ x[dict(__class__=1) | first] }}'],
  ['an attribute of a text that messages name', "{{ ''[messages[0].role] }}"],
  ['the filter attr', "{{ x | attr('__class__') }}"],
  ['the filter attr with a computed name', '{{ x | attr(y) }}'],
  ['a mapped attribute', "{{ [x] | map(attribute='__class__') | list }}"],
  ['format that walks attributes', "{{ '{0.a}'.format(x) }}"],
  ['format of a foreign text', '{{ x.content.format(y) }}'],
  ['format kept for later', "{% set f = ''.format %}{{ f(x) }}"],
  ['format_map', "{{ ''.format_map(x) }}"],
  ['attributes of built-in functions', '{{ cycler.a.b }}{{ lipsum.x }}'],
  ['frames without underscores', '{{ x.gi_frame.f_globals }}'],
  ['a variable with the name of an attribute of Python', "{% set __class__ = 'x' %}"],
  ['attributes of a namespace that begin with an underscore', '{% set ns._x = 1 %}'],
  ['another template by include', "{% include '/etc/hostname' %}"],
  ['another template by import', "{% import 'x' as y %}"],
  ['another template by extends', "{% extends 'x' %}"],
];

describe('chat templates', () => {
  for (const [title, template] of SAFE) {
    test(`a template may use ${title}`, () => {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), '');
    });
  }
  for (const [title, template] of DENIED) {
    test(`G-1 a template may not use ${title}`, () => {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), 'G-1');
    });
  }

  test('G-2 constant work without end is a finding', () => {
    for (const template of [
      '{% for i in range(99999999) %}x{% endfor %}',
      "{{ 'x' * 99999999 }}",
      '{{ 9 ** 9999 }}',
      '{{ 9 ** (9 ** 9) }}',
      "{% set n = 99999999 %}{{ 'x' * n }}",
      "{{ 'x' | center(999999999) }}",
      '{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}',
    ]) {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), 'G-2', template);
    }
  });

  test('G-3 what does not parse is incomplete, and is still searched', () => {
    for (const template of ['{% if x %}', '{{ x ', '{% nosuchtag %}', '{{ x y }}', '{{ ) }}']) {
      assert.match(rules('chat_template.jinja', Buffer.from(template)), /G-3/, template);
    }
    assert.match(
      rules('chat_template.jinja', Buffer.from('{% if x %}{{ y.__class__ }}')),
      /G-1 G-3/,
    );
  });

  test('G-3 branches stand in what they are branches of', () => {
    for (const template of [
      '{% elif x %}',
      '{% else %}',
      '{% for a in b %}{% elif x %}{% endfor %}',
      '{% if a %}{% else %}{% elif x %}{% endif %}',
      '{% if a %}{% else %}{% else %}{% endif %}',
      '{% macro m() %}{% else %}{% endmacro %}',
    ]) {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), 'G-3', template);
    }
  });
});
