import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TemplateJudge } from '../../../src/scan/text/template-judge.ts';

test('a name that is put together from values assigned later is seen', () => {
  const judge = new TemplateJudge();
  judge.use({ kind: 'item', of: { kind: 'name', name: 'x' }, index: { kind: 'name', name: 'k' } });
  judge.assign('k', { kind: 'text', value: '__class__' });

  assert.deepEqual(judge.verdicts(), [{ rule: 'G-1', what: 'reaches __class__' }]);
});

test('the second net names what stands in a tag, and only there', () => {
  assert.equal(new TemplateJudge().netOver('{{ a.__class__ }}').length, 1);
  assert.equal(new TemplateJudge().netOver('__class__ {{ a }}').length, 0);
});

test('a variable of the template may have the name of a built-in function', () => {
  const judge = new TemplateJudge();
  judge.assign('dict', { kind: 'name', name: 'x' });
  judge.use({ kind: 'attribute', of: { kind: 'name', name: 'dict' }, name: 'a' });

  assert.deepEqual(judge.verdicts(), []);
});
