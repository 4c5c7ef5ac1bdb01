import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { verifyTimestamp } from '../../src/sigstore/timestamp.ts';
import { parseTrustedRoot } from '../../src/sigstore/trusted-root.ts';
import { makeInstance } from './instance.ts';

const NOW = Date.parse('2026-05-01T00:00:00Z');
const instance = makeInstance(NOW);
const { timestampAuthorities: authorities, certificateAuthorities } = parseTrustedRoot(
  instance.trustedRoot,
);
const data = Buffer.from('signature');
const imprint = createHash('sha256').update(data).digest();
const stamp = instance.timestamp(imprint, NOW);
const refused = { code: 'ARTIFACT_TIMESTAMP_INVALID' };

test('the stated time is proven', () => {
  assert.equal(verifyTimestamp(stamp, data, authorities), NOW);
});

test('a time stamp of other bytes, of nobody trusted, or of another time is refused', () => {
  const other = parseTrustedRoot(makeInstance(NOW).trustedRoot).timestampAuthorities;

  assert.throws(() => verifyTimestamp(stamp, Buffer.from('other'), authorities), refused);
  assert.throws(() => verifyTimestamp(stamp, data, []), refused);
  assert.throws(() => verifyTimestamp(stamp, data, other), refused);
  assert.throws(() => verifyTimestamp(stamp, data, certificateAuthorities), refused);
  const early = instance.timestamp(imprint, NOW - 2 * 86_400_000);
  assert.throws(() => verifyTimestamp(early, data, authorities), refused);
  const late = instance.timestamp(imprint, NOW + 400 * 86_400_000);
  assert.throws(() => verifyTimestamp(late, data, authorities), refused);
});

test('a certificate that is not for time stamps makes none', () => {
  const [authority] = authorities;
  const [issuing] = certificateAuthorities;
  assert.ok(authority !== undefined && issuing !== undefined);
  const swapped = { ...authority, chain: issuing.chain, root: issuing.root };

  assert.throws(() => verifyTimestamp(stamp, data, [swapped]), refused);
});
