import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { resolveSigners } from '../../src/config/signers.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'proofmark-signers-'));
writeFileSync(path.join(folder, 'ca.pem'), 'the authority');
writeFileSync(path.join(folder, 'root.json'), 'the instance');
const config = path.join(folder, 'proofmark.yaml');

test('files are read beside the configuration, and the public instance is the default', () => {
  const resolved = resolveSigners(
    {
      keys: ['model'],
      certificates: [{ roots: 'ca.pem', subjects: ['CN=a'] }],
      identities: [{ issuer: 'i', subject: 's', trustedRoot: 'root.json' }, { issuer: 'i' }],
    },
    config,
  ) as unknown as {
    readonly keys: unknown;
    readonly certificates: unknown;
    readonly identities: readonly { readonly trustedRoot: string }[];
  };

  assert.deepEqual(resolved.keys, ['model']);
  assert.deepEqual(resolved.certificates, [{ roots: 'the authority', subjects: ['CN=a'] }]);
  assert.equal(resolved.identities[0]?.trustedRoot, 'the instance');
  assert.match(resolved.identities[1]?.trustedRoot ?? '', /fulcio\.sigstore\.dev/);
});

test('a file that is not there is refused; another shape is left to the policy reader', () => {
  assert.throws(() => resolveSigners({ certificates: [{ roots: 'missing.pem' }] }, config), {
    code: 'CLI_INPUT_UNREADABLE',
  });
  for (const odd of ['x', [1], { certificates: 'x' }, { identities: [3], certificates: [null] }]) {
    assert.deepEqual(resolveSigners(odd as never, config), odd);
  }
});
