import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { PII, restoreRedacted } from '@proofmark/evals';

import { shippedTagger } from '../../../src/linear/weights-store.ts';
import { marginals, tagText } from '../../../src/pii/tagger/tagger.ts';
import { TAG_COUNT } from '../../../src/pii/tagger/tagger-file.ts';

const tagger = shippedTagger();
const found = (text: string, type: string): readonly string[] =>
  tagText(text, tagger)
    .filter((span) => span.type === type)
    .map(({ start, end }) => text.slice(start, end));

describe('tagText()', () => {
  const people = [
    ['The contract was signed by Ngozi Adeyemi on Friday.', 'Ngozi Adeyemi'],
    ['Mein Name ist Jürgen Hoffmann und ich wohne in Kassel.', 'Jürgen Hoffmann'],
    ["The charge appeared on Priya Raman's card.", 'Priya Raman'],
    ['Меня зовут Ольга Морозова, помогите.', 'Ольга Морозова'],
  ] as const;
  for (const [text, name] of people) {
    test(`finds the name in: ${text}`, () => assert.deepEqual(found(text, 'PERSON'), [name]));
  }

  const streets = [
    ['Send it to 14 Harbour Lane, Flat 3, Bristol please.', '14 Harbour Lane, Flat 3'],
    ['Ich wohne in der Lindenstraße 27 in Kassel.', 'Lindenstraße 27'],
    ['Ma nouvelle adresse est 8, rue des Lilas, 69003 Lyon.', '8, rue des Lilas'],
  ] as const;
  for (const [text, street] of streets) {
    test(`finds the street in: ${text}`, () =>
      assert.deepEqual(found(text, 'STREET_ADDRESS'), [street]));
  }

  const honest = [
    'The Support Team meets on Monday in Paris.',
    'Open Settings, choose Privacy Notice, then press Save Changes.',
    'Windows 11 and Visual Studio Code were updated in March.',
    'Der Bundestag hat am Dienstag über die Straße gesprochen.',
    'SELECT * FROM users WHERE id = 7;',
    'She counted 12 Main issues and 3 Court rulings.',
  ];
  for (const text of honest) {
    test(`finds nothing in: ${text}`, () => assert.deepEqual(tagText(text, tagger), []));
  }

  test('spans of any text are ordered, inside it and between 0 and 1', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        let last = 0;
        for (const { start, end, confidence } of tagText(text, tagger)) {
          assert.ok(start >= last && end > start && end <= text.length);
          assert.ok(confidence >= 0 && confidence <= 1 + 1e-9);
          last = end;
        }
      }),
    );
  });

  test('what stands far into a long text is found at its place', () => {
    const text = `${'The parcel came late. '.repeat(300)}It was signed by Maria Kowalska.`;

    const spans = tagText(text, tagger);

    assert.deepEqual(
      spans.map(({ start, end }) => text.slice(start, end)),
      ['Maria Kowalska'],
    );
  });
});

test('the chances of all tags of a token add up to one', () => {
  const scores = Float64Array.from({ length: TAG_COUNT * 7 }, (_, i) => Math.sin(i * 7.3) * 4);

  const chances = marginals(scores, tagger.moves);

  for (let i = 0; i < 7; i += 1) {
    const sum = chances.slice(i * TAG_COUNT, (i + 1) * TAG_COUNT).reduce((a, b) => a + b);
    assert.ok(Math.abs(sum - 1) < 1e-9);
  }
});

test('names and streets are redacted by placeholders that restore them', () => {
  const text = '😀 Ngozi Adeyemi moved to 14 Harbour Lane. Ask Ngozi Adeyemi.';

  const redaction = new PII().redact(text);

  assert.equal(redaction.text, '😀 [PERSON_1] moved to [STREET_ADDRESS_1]. Ask [PERSON_1].');
  assert.equal(restoreRedacted(redaction.text, redaction), text);
});

test('the digest of the weights is part of the identity, unless no name or street is looked for', () => {
  const all = new PII().identity.configDigest;
  const mail = new PII({ types: ['EMAIL'] }).identity.configDigest;

  assert.notEqual(all, mail);
});
