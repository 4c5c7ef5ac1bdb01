import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { unfold } from '../../src/action/unfold.ts';

describe('unfold()', () => {
  const cases = [
    ['p = "/etc/group"\nos.remove(p)', 'os.remove("/etc/group")'],
    ['f=\'/etc/issue\'\nrm -f "$f"', 'rm -f "/etc/issue"'],
    ['a="/x"\ncat ${a}/y', 'cat /x/y'],
    ['f = Path("/etc/group")\nf.unlink()', 'Path("/etc/group").unlink()'],
    ['d = "/usr"\nt = "../etc/passwd"\np = os.path.join(d, t)\nopen(p)', 'open("/etc/passwd")'],
  ] as const;
  for (const [code, part] of cases) {
    test(`puts values where they are used: ${part}`, () => {
      assert.ok(unfold(code)?.includes(part), unfold(code));
    });
  }

  test('code without constants, and words that only look like a name, stay', () => {
    assert.equal(unfold('print(total)'), undefined);
    assert.ok(unfold('total = "x"\nsubtotal = f(total_count)')?.includes('total_count') ?? true);
  });

  test('any text is unfolded or left, in bounded time and length', () => {
    const piece = fc.constantFrom(
      'a',
      '=',
      '"',
      "'",
      '$a',
      '${a}',
      '(',
      ')',
      ',',
      '/',
      '..',
      '\n',
      'Path(',
      'os.path.join(',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        assert.ok((unfold(pieces.join(''))?.length ?? 0) < 100_000);
      }),
    );
  });
});
