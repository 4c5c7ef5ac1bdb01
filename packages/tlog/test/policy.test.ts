import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { logNoteKey, signCheckpoint } from '../src/checkpoint.ts';
import { cosign } from '../src/cosignature.ts';
import { TlogError } from '../src/errors.ts';
import { formatVkey, noteKey } from '../src/note-key.ts';
import { parseNote } from '../src/note.ts';
import { isQuorum, parsePolicy, singleLogPolicy, trustCheckpoint } from '../src/policy.ts';
import { ORIGIN, present, readVectors, testSigner, withCode } from './world.ts';

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

test('a line that ends too early is refused, whatever it begins to define', () => {
  const vkey = formatVkey(noteKey('w.example', testSigner('witness').publicKey, 0x04));
  const before = `witness w ${vkey}\n`;
  for (const line of ['log', 'witness', 'witness x', 'group', 'group g', 'group g 1', 'quorum']) {
    assert.throws(
      () => parsePolicy(`${before}${line}\nquorum none\n`),
      (error) => {
        assert.ok(error instanceof TlogError);
        assert.equal(error.details['line'], 2);
        return withCode('TLOG_POLICY_INVALID')(error);
      },
      line,
    );
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
  assert.throws(
    () => parsePolicy(comment(1024 * 1024 + 1)),
    (error) => {
      assert.doesNotMatch(String(error), /in line/);
      return withCode('TLOG_POLICY_INVALID')(error);
    },
  );
});

test('a threshold is a number from 1 to the number of members, all or any', () => {
  const witnesses = ['a', 'b'].map(
    (name) => `witness ${name} ${formatVkey(noteKey(name, testSigner(name).publicKey, 0x04))}\n`,
  );
  const enough = (rule: string, ...names: readonly string[]): boolean =>
    isQuorum(
      parsePolicy(`${witnesses.join('')}group g ${rule} a b\nquorum g\n`).quorum,
      new Set(names),
    );

  for (const rule of ['1', 'any']) {
    assert.ok(enough(rule, 'b'));
    assert.ok(!enough(rule));
  }
  for (const rule of ['2', 'all']) {
    assert.ok(enough(rule, 'a', 'b'));
    assert.ok(!enough(rule, 'a'));
  }
  for (const rule of ['0', '3', '01', '+1', '-1', '1.0', '1e0', '', 'ALL']) {
    assert.throws(() => enough(rule, 'a', 'b'), withCode('TLOG_POLICY_INVALID'), rule);
  }
});

test('a policy defines at most 1,024 names, "none" among them', () => {
  const key = noteKey('w.example', testSigner('witness').publicKey, 0x04);
  const policyOf = (definitions: number): string => {
    const groups = Array.from(
      { length: definitions - 1 },
      (_, at) => `group g${at} any ${at === 0 ? 'w' : `g${at - 1}`}\n`,
    );
    return `witness w ${formatVkey(key)}\n${groups.join('')}quorum none\n`;
  };

  assert.deepEqual(parsePolicy(policyOf(1023)).quorum, { kind: 'none' });
  assert.throws(() => parsePolicy(policyOf(1024)), withCode('TLOG_POLICY_INVALID'));
});

test('of two cosignatures by one witness the later time counts', async () => {
  const log = testSigner('log');
  const witness = testSigner('witness');
  const key = noteKey('w.example', witness.publicKey, 0x04);
  const signed = await signCheckpoint({ origin: ORIGIN, size: 1, root: new Uint8Array(32) }, log);
  const { text } = parseNote(signed);
  const lines = await Promise.all([7, 9, 8].map((time) => cosign(text, key, witness, time)));
  const policy = {
    ...singleLogPolicy(logNoteKey(ORIGIN, log.publicKey)),
    witnesses: [{ name: 'w', key, url: null }],
  };

  const note = Buffer.concat([signed, Buffer.from(lines.join(''))]);

  assert.deepEqual(trustCheckpoint(note, policy).cosignatures, [{ witness: 'w', timeSeconds: 9 }]);
});

test('what others signed under the name of a witness neither counts nor condemns', async () => {
  const log = testSigner('log');
  const key = logNoteKey(ORIGIN, log.publicKey);
  const signed = await signCheckpoint({ origin: ORIGIN, size: 1, root: new Uint8Array(32) }, log);
  const { text } = parseNote(signed);
  const [own, other] = ['witness', 'stranger'].map((name) => {
    const signer = testSigner(name);
    return { signer, key: noteKey('w.example', signer.publicKey, 0x04) };
  });
  const lines = await Promise.all(
    [present(own), present(other)].map((w, at) => cosign(text, w.key, w.signer, 7 + at)),
  );
  const note = Buffer.concat([signed, Buffer.from(lines.join(''))]);
  const policy = {
    ...singleLogPolicy(key),
    witnesses: [{ name: 'w', key: present(own).key, url: null }],
  };

  assert.deepEqual(trustCheckpoint(note, policy).cosignatures, [{ witness: 'w', timeSeconds: 7 }]);
});
