import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { rules } from '../outcome.ts';
import { gguf, safetensors } from '../samples.ts';

const json = (value: unknown): string => rules('config.json', Buffer.from(JSON.stringify(value)));

describe('texts in __metadata__ of safetensors', () => {
  const header = (metadata: Readonly<Record<string, string>>): string =>
    rules(
      'm.safetensors',
      safetensors(JSON.stringify({ __metadata__: metadata }), new Uint8Array(0)),
    );

  test('G-1 a template is judged under any key', () => {
    assert.equal(header({ chat_template: '{{ m.content }}' }), '');
    assert.equal(header({ chat_template: '{{ m.__class__ }}' }), 'G-1');
    assert.equal(header({ note: '{{ m.__class__ }}' }), 'G-1');
    assert.equal(header({ chat_template: '{% if %}' }), 'G-3');
  });

  test('G-1 C-2 a configuration in JSON or YAML is judged as one', () => {
    const config = (template: string): string =>
      JSON.stringify({ tokenizer: { chat_template: template } });

    assert.equal(header({ config: config('{{ m.content }}') }), '');
    assert.equal(header({ config: config('{{ m.__class__ }}') }), 'G-1');
    assert.equal(header({ config: 'chat_template: "{{ m.__class__ }}"' }), 'G-1');
    assert.equal(header({ config: JSON.stringify({ a: '{"_target_":"os.system"}' }) }), 'C-1');
    assert.equal(header({ config: '{"auto_map":{"AutoModel":"m.M"}}' }), 'C-2');
  });
});

test('G-1 a template is judged in a list, and as deep as a document goes', () => {
  let value: unknown = { chat_template: '{{ x.__class__ }}' };
  assert.equal(json([value]), 'G-1');
  for (let n = 0; n < 60; n += 1) value = [value];
  assert.equal(json(value), 'G-1');
});

test('G-1 C-2 texts under any key of GGUF are judged as what they are', () => {
  const keyed = (key: string, text: string): string => rules('m.gguf', gguf({ [key]: text }));
  const tokenizer = '{"tokenizer":{"chat_template":"{{ x.__class__ }}"}}';

  assert.equal(keyed('tokenizer.chat_template.tool_use', '{{ x.content }}'), '');
  assert.equal(keyed('tokenizer.chat_template.tool_use', '{{ x.__class__ }}'), 'G-1');
  assert.equal(keyed('tokenizer.huggingface.json', tokenizer), 'G-1');
  assert.equal(keyed('general.description', '{{ x.__class__ }}'), 'G-1');
  assert.equal(keyed('general.description', 'a {{ b'), '');
});
