import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { PII, restoreRedacted } from '@proofmark/evals';

const pii = new PII();

describe('PII', () => {
  test('redaction removes every value and restores exactly', () => {
    const text = 'Ann: ann@example.com, again ann@example.com, card 4111111111111111.';

    const redaction = pii.redact(text);

    assert.equal(redaction.text.includes('ann@example.com'), false);
    assert.equal(redaction.text.split('[EMAIL_1]').length, 3);
    assert.equal(restoreRedacted(redaction.text, redaction), text);
  });

  test('restore undoes redact on any text, even one that holds placeholders', () => {
    const piece = fc.constantFrom(
      '[EMAIL_1]',
      'a@b.example',
      'x@y.example',
      ' ',
      'SSN 567-22-1099',
      '[SSN_1]',
      'text',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join(' ');
        const redaction = pii.redact(text);
        assert.equal(restoreRedacted(redaction.text, redaction), text);
      }),
    );
  });

  test('spans are ordered, inside the text and never overlap', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(...Array.from('0123456789-. @+()abcDE:/')),
          maxLength: 120,
        }),
        (text) => {
          let last = 0;
          for (const { start, end } of pii.find(text)) {
            assert.ok(start >= last && end > start && end <= text.length);
            last = end;
          }
        },
      ),
    );
  });

  test('findings name the type and never the value', async () => {
    const result = await pii.evaluate({ text: 'my SSN is 567-22-1099' });

    assert.equal(result.outcome, 'fail');
    assert.equal(JSON.stringify(result).includes('567-22'), false);
    assert.equal(result.severity, 'high');
  });

  test('unknown types are refused', () => {
    assert.throws(() => new PII({ types: ['SHOE_SIZE' as never] }), {
      code: 'EVALS_CONFIG_INVALID',
    });
  });
});
