import assert from 'node:assert/strict';
import { test } from 'node:test';

import { loadEngine, splitMessages } from '../../src/gguf-server/engine.ts';

test('the last message is the prompt and the others are history in their roles', () => {
  assert.deepEqual(
    splitMessages([
      { role: 'system', content: 's' },
      { role: 'user', content: 'u' },
      { role: 'assistant', content: 'a' },
      { role: 'tool', content: 't' },
      { role: 'user', content: 'now' },
    ]),
    {
      history: [
        { type: 'system', text: 's' },
        { type: 'user', text: 'u' },
        { type: 'model', response: ['a'] },
        { type: 'user', text: 't' },
      ],
      prompt: 'now',
    },
  );
});

test('without the package the engine does not load', async () => {
  await assert.rejects(loadEngine('/nonexistent.gguf'));
});
