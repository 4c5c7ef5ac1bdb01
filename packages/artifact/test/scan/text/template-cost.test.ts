import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';

describe('work of chat templates', () => {
  for (const [title, template] of [
    [
      'a text that loops add to',
      "{% set ns = namespace(t='') %}{% for m in y %}{% set ns.t = ns.t + (ns.t and ', ') + m %}{% endfor %}",
    ],
    [
      'a list that loops add to',
      '{% set l = [] %}{% for m in y %}{% do l.append(m) %}{% endfor %}',
    ],
    [
      'loops in loops',
      '{% for a in x %}{% for b in a %}{% for c in b %}{% for d in c %}{{ d }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}',
    ],
    ['a call block', '{% macro m(a) %}{{ caller() }}{% endmacro %}{% call m(1) %}x{% endcall %}'],
  ] as const) {
    test(`${title} may be used`, () => {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), '');
    });
  }

  for (const [title, template] of [
    [
      'macros in macros',
      `{% macro m0() %}x{% endmacro %}${Array.from({ length: 12 }, (_, n) => `{% macro m${n + 1}() %}${`{{ m${n}() }}`.repeat(10)}{% endmacro %}`).join('')}{{ m12() }}`,
    ],
    ['a text that doubles', `{% set a = 'xxxxxxxx' %}${'{% set a = a ~ a %}'.repeat(40)}`],
    [
      'a text that doubles in a loop',
      "{% set ns = namespace(t='x') %}{% for i in range(99) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
    ],
    [
      'a text that doubles with data',
      "{% set ns.t = 'abcdefgh' %}{% for m in messages %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
    ],
    [
      'products of products',
      "{% set a = 'x' * 9999 %}{% set b = a * 9999 %}{% set c = b * 9999 %}",
    ],
    [
      'replacements in replacements',
      "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a | replace('x', a) %}".repeat(6),
    ],
    [
      'a list that is walked while it grows',
      '{% set l = [1] %}{% for x in l %}{% do l.append(x) %}{% endfor %}',
    ],
    ['loops in many loops', `${'{% for a in x %}'.repeat(9)}y${'{% endfor %}'.repeat(9)}`],
    ['a range of a text', "{% for i in range('99999999' | int) %}x{% endfor %}"],
    [
      'a list that grows under another name',
      '{% set m = l %}{% for x in l %}{{ m.append(x) }}{% endfor %}',
    ],
    [
      'a range of a text that is repeated',
      "{% set n = '9' * 9 %}{% for i in range(n | int) %}x{% endfor %}",
    ],
    [
      'a range of a product of names',
      '{% set a = 1000 %}{% set b = a * a * a %}{% for i in range(b) %}x{% endfor %}',
    ],
    ['paragraphs without number', '{{ lipsum(n=10 ** 6) }}'],
    ['a width in the filter format', "{{ '%9999999999d' | format(1) }}"],
    ['a width that is a value', "{{ '%*d' % (n, 1) }}"],
    ['a width in a format', "{{ '{:>99999999}'.format(1) }}"],
    [
      'a capture that doubles',
      '{% set a %}xxxxxxxx{% endset %}' + '{% set a %}{{ a }}{{ a }}{% endset %}'.repeat(40),
    ],
  ] as const) {
    test(`G-2 ${title} is a finding`, () => {
      assert.equal(rules('chat_template.jinja', Buffer.from(template)), 'G-2');
    });
  }
});
