import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readJudge } from '../src/judge-option.ts';
import type { JudgeOptions } from '../src/judge-option.ts';

const URL_OF = 'https://llm.example.com/v1';
const outside = { environment: (name: string) => (name === 'KEY' ? 'secret' : undefined) };

test('no judge is named, or one with its model, its key and its time', () => {
  assert.equal(readJudge({}, outside), undefined);
  for (const judge of [
    URL_OF,
    'http://127.0.0.1:8787/v1',
    'http://[::1]:1/v1',
    'http://localhost',
  ]) {
    const options = { judge, judgeModel: 'm', judgeKeyEnv: 'KEY', judgeTimeout: '600' };
    assert.match(readJudge(options, outside)?.digestFor('c') ?? '', /^m [0-9a-f]{64}$/);
  }
});

const wrong: readonly (readonly [why: RegExp, options: JudgeOptions])[] = [
  [/in the clear/, { judge: 'http://llm.example.com/v1', judgeModel: 'm' }],
  [/in the clear/, { judge: 'http://localhost.evil.example/v1', judgeModel: 'm' }],
  [/address alone/, { judge: 'https://a:b@llm.example.com', judgeModel: 'm' }],
  [/address alone/, { judge: 'https://llm.example.com?key=v', judgeModel: 'm' }],
  [/address alone/, { judge: 'https://llm.example.com#v', judgeModel: 'm' }],
  [/no http/, { judge: 'ftp://llm.example.com', judgeModel: 'm' }],
  [/no http/, { judge: 'file:///etc/passwd', judgeModel: 'm' }],
  [/no http/, { judge: 'llm.example.com', judgeModel: 'm' }],
  [/--judge-model/, { judge: URL_OF }],
  [/--judge-model/, { judge: URL_OF, judgeModel: '' }],
  [/--judge, up to/, { judgeModel: 'm' }],
  [/--judge, up to/, { judgeKeyEnv: 'KEY' }],
  [/--judge, up to/, { judgeTimeout: '5' }],
  [/is empty/, { judge: URL_OF, judgeModel: 'm', judgeKeyEnv: 'UNSET' }],
  [/--judge-timeout/, { judge: URL_OF, judgeModel: 'm', judgeTimeout: '0' }],
  [/--judge-timeout/, { judge: URL_OF, judgeModel: 'm', judgeTimeout: '1e9' }],
];
for (const [why, options] of wrong) {
  test(`wrong usage: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => readJudge(options, outside),
      (error: Error & { readonly code?: string }) =>
        error.code === 'CLI_USAGE' && why.test(error.message) && !error.message.includes('secret'),
    );
  });
}
