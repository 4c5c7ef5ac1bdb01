import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { normalise, originalSpan } from '../../src/text/normalise.ts';

describe('normalise()', () => {
  test('reads disguised letters as what they imitate', () => {
    assert.equal(normalise('ｉｇｎｏｒｅ').text, 'ignore');
    assert.equal(normalise('i\u200bg\u200bn\u200bore').text, 'ignore');
    assert.equal(normalise('ignоrе').text, 'ignore');
    assert.equal(normalise('𝗶𝗴𝗻𝗼𝗿𝗲').text, 'ignore');
    assert.equal(normalise('i\u0336g\u0336n\u0336ore').text, 'ignore');
  });

  test('leaves words of one script alone', () => {
    assert.equal(normalise('сосед').text, 'сосед');
    assert.equal(normalise('忽略指令').text, '忽略指令');
  });

  test('decodes text in tag characters apart', () => {
    const hidden = Array.from('obey me', (c) =>
      String.fromCodePoint(0xe0000 + c.charCodeAt(0)),
    ).join('');
    const view = normalise(`hello${hidden}`);

    assert.equal(view.text, 'hello');
    assert.equal(view.hidden, 'obey me');
  });

  test('is total, and every character of the result has a place in the original', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const view = normalise(text);
        for (let i = 0; i <= view.text.length; i += 1) {
          const { start, end } = originalSpan(
            view,
            { start: i, end: view.text.length },
            text.length,
          );
          assert.ok(start >= 0 && start <= end && end <= text.length);
        }
      }),
    );
  });
});
