import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { JOINTS, joinSignals, readJoint } from '../../src/encoder/joint.ts';
import { encoderFolder } from '../../src/encoder/model-folder.ts';

const text = readFileSync(path.join(encoderFolder(), 'joint.json'), 'utf8');
const joint = readJoint(text);
const probability = fc.double({ min: 0, max: 1, noNaN: true });

describe('joint', () => {
  test('more danger in either tier never means less danger', () => {
    for (const name of ['injection_user', 'injection_document', 'content_prompt'] as const) {
      fc.assert(
        fc.property(probability, probability, probability, (fast, encoder, more) => {
          const before = joinSignals(joint[name], { fast, [name]: encoder });

          assert.ok(
            joinSignals(joint[name], { fast: Math.max(fast, more), [name]: encoder }) >= before,
          );
          assert.ok(joinSignals(joint[name], { fast, [name]: Math.max(encoder, more) }) >= before);
        }),
        { numRuns: 50 },
      );
    }
  });

  test('a refusal never makes an answer more dangerous', () => {
    const answer = { fast: 0.5, content_exchange: 0.5 };

    assert.ok(
      joinSignals(joint.content_exchange, { ...answer, refused: 0.9 }) <=
        joinSignals(joint.content_exchange, { ...answer, refused: 0.1 }),
    );
  });

  test('the shipped operating points are ordered', () => {
    for (const name of JOINTS) {
      const { thresholds, grey } = joint[name];

      assert.ok(thresholds['0.001'] >= thresholds['0.01']);
      assert.ok(thresholds['0.01'] >= thresholds['0.05']);
      assert.ok(grey.low < grey.high);
    }
  });

  test('a signal that is not there is refused, an inherited one too', () => {
    assert.throws(() => joinSignals(joint.injection_user, { fast: 0.5 }), {
      code: 'EVALS_ENCODER_INVALID',
    });
    assert.throws(
      () => joinSignals({ ...joint.injection_user, weights: new Map([['constructor', 1]]) }, {}),
      { code: 'EVALS_ENCODER_INVALID' },
    );
  });

  test('a file that is not a joint is refused', () => {
    const file = JSON.parse(text) as Record<string, unknown>;
    for (const broken of [
      '',
      '[]',
      'null',
      JSON.stringify({ ...file, format: 'v2' }),
      JSON.stringify({ ...file, injection_user: null }),
      JSON.stringify({
        ...file,
        content_prompt: { bias: '0', weights: {}, thresholds: {}, grey: {} },
      }),
      text.replace('"bias"', '"bia"'),
    ]) {
      assert.throws(
        () => readJoint(broken),
        { code: 'EVALS_ENCODER_INVALID' },
        broken.slice(0, 40),
      );
    }
  });
});
