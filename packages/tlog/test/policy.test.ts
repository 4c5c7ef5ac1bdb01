import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TlogError } from '../src/errors.ts';
import { isQuorum, parsePolicy } from '../src/policy.ts';
import { present, readVectors, withCode } from './world.ts';

const vectors = readVectors('policy') as {
  readonly valid: readonly {
    readonly name: string;
    readonly policy: string;
    readonly holds: readonly (readonly string[])[];
    readonly fails: readonly (readonly string[])[];
  }[];
  readonly invalid: readonly {
    readonly name: string;
    readonly policy: string;
    readonly line: number;
  }[];
};

describe('policies on vectors/tlog/policy.json', () => {
  for (const v of vectors.valid) {
    test(`understands ${v.name}`, () => {
      const { quorum } = parsePolicy(v.policy);

      for (const names of v.holds) assert.ok(isQuorum(quorum, new Set(names)), names.join(' '));
      for (const names of v.fails) assert.ok(!isQuorum(quorum, new Set(names)), names.join(' '));
    });
  }

  for (const v of vectors.invalid) {
    test(`refuses ${v.name}`, () => {
      assert.throws(
        () => parsePolicy(v.policy),
        (error) => {
          withCode('TLOG_POLICY_INVALID')(error);
          assert.ok(error instanceof TlogError);
          assert.equal(error.details['line'], v.line);
          return true;
        },
      );
    });
  }
});

test('logs and witnesses keep their URLs', () => {
  const text = present(vectors.valid.find((v) => v.policy.includes('https://'))).policy;

  assert.equal(parsePolicy(text).witnesses[0]?.url, 'https://witness.example/');
  assert.deepEqual(parsePolicy(text).logs, []);
  assert.equal(parsePolicy(present(vectors.valid[0]).policy).logs[0]?.url, null);
});

test('a policy has at most 1 MiB', () => {
  const rule = 'quorum none\n';
  const comment = (length: number): string => `#${'x'.repeat(length - rule.length - 2)}\n${rule}`;

  assert.deepEqual(parsePolicy(comment(1024 * 1024)).quorum, { kind: 'none' });
  assert.throws(() => parsePolicy(comment(1024 * 1024 + 1)), withCode('TLOG_POLICY_INVALID'));
});
