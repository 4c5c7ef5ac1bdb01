import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';

const yaml = (text: string, name = 'config.yaml'): string => rules(name, Buffer.from(text));

test('C-2 a switch for remote code is told wherever it stands', () => {
  assert.equal(yaml('model:\n  trust_remote_code: yes\n'), 'C-2');
  assert.equal(yaml('a: {b: [{"trust_remote_code":true}]}\n'), 'C-2');
  assert.equal(yaml('base: &b true\nmodel:\n  trust_remote_code: *b\n'), 'C-2');
  assert.equal(yaml('trust_remote_code: false\n'), '');
});

test('C-2 auto_map in YAML is told as in JSON', () => {
  assert.equal(yaml('auto_map:\n  AutoModel: m.M\n'), 'C-2');
});

describe('chat templates in YAML', () => {
  const HIDDEN: readonly (readonly [title: string, text: string])[] = [
    ['a literal block', 'chat_template: |\n  {% if a %}\n  {{ x.__class__ }}\n  {% endif %}\n'],
    ['a folded block', 'chat_template: >-\n  {{\n  x.__class__ }}\n'],
    ['escapes', 'chat_template: "{\\x7b x.\\u005f_class__ }}"\n'],
    ['a quoted text over lines', "chat_template: '{{ x\n\n  .__class__ }}'\n"],
    ['a flow collection', 'a: [{"chat_template":"{{ x.__class__ }}"}]\n'],
    ['an anchor', 'a: &t "{{ x.__class__ }}"\nchat_template: *t\n'],
    ['a key that is escaped', '"chat\\x5ftemplate": "{{ x.__class__ }}"\n'],
    ['an explicit key', '? chat_template\n: "{{ x.__class__ }}"\n'],
    ['another document', 'a: 1\n---\nchat_template: "{{ x.__class__ }}"\n'],
    ['a key of another tool', 'instruction_template: "{{ x.__class__ }}"\n'],
    ['a key that says nothing', 'prompt: "{{ x.__class__ }}"\n'],
    ['a list of templates', 'chat_template:\n- name: a\n  template: "{{ x.__class__ }}"\n'],
  ];
  for (const [title, text] of HIDDEN) {
    test(`G-1 a template in ${title} is judged`, () => {
      assert.equal(yaml(text), 'G-1', text);
      assert.equal(yaml(text.replace(/(?:_|\\u005f)_class__/, 'content')), '');
    });
  }

  test('G-3 a template that does not parse is told, another text with braces is not', () => {
    assert.equal(yaml('chat_template: "{% if x %}"\n'), 'G-3');
    assert.equal(yaml('system: "{{ .System }} {{ end }}"\n'), '');
  });

  test('G-1 a template in a file that is no YAML is told, too', () => {
    assert.equal(yaml('a: b: c\nchat_template: "{{ x.__class__ }}"\n'), 'C-4 G-1');
  });
});

test('G-1 the template in a Modelfile of Ollama is Go and no template of Python', () => {
  const modelfile = 'FROM ./model.gguf\nTEMPLATE """{{ if .System }}{{ .System }}{{ end }}"""\n';

  assert.equal(rules('Modelfile', Buffer.from(modelfile)), '');
});
