import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { verifyChain } from '../src/certificate.ts';
import { ArtifactError } from '../src/errors.ts';
import { makeChain } from './certificates.ts';

const { root, chain, signer } = makeChain();
const other = makeChain();
// A minute on: certificates made later in this file are then valid already.
const now = Date.now() + 60_000;
const DAY = 24 * 3600 * 1000;

test('a leaf with a path to a trusted root is believed, and names its key', () => {
  const certified = verifyChain(chain, { roots: [root] }, now);

  assert.equal(certified.key.keyId, signer.publicKey.keyId);
  assert.equal(certified.subject, 'CN=leaf');
});

test('code signing as extended key usage is enough', () => {
  const { root: r, chain: c } = makeChain({ keyUsage: 'extendedKeyUsage=codeSigning' });

  assert.equal(verifyChain(c, { roots: [r] }, now).subject, 'CN=leaf');
});

describe('a chain is refused', () => {
  const encipher = makeChain({ keyUsage: 'keyUsage=critical,keyEncipherment' });
  const noUsage = makeChain({ keyUsage: 'subjectKeyIdentifier=hash' });
  const notAuthority = makeChain({ intermediateIsAuthority: false });
  const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
    [
      'that leads to another root',
      () => verifyChain(chain, { roots: [other.root] }, now),
      /no path/,
    ],
    ['without any trusted root', () => verifyChain(chain, { roots: [] }, now), /no path/],
    [
      'without its intermediate',
      () => verifyChain(chain.slice(0, 1), { roots: [root] }, now),
      /no path/,
    ],
    [
      'whose own root is all that vouches',
      () => verifyChain([...chain, root.raw], { roots: [other.root] }, now),
      /no path/,
    ],
    ['after it expired', () => verifyChain(chain, { roots: [root] }, now + 11 * DAY), /expired/],
    [
      'before it is valid',
      () => verifyChain(chain, { roots: [root] }, now - 2 * DAY),
      /not valid yet/,
    ],
    [
      'of another subject',
      () => verifyChain(chain, { roots: [root], subjects: ['CN=someone'] }, now),
      /subject/,
    ],
    [
      'of a key for enciphering',
      () => verifyChain(encipher.chain, { roots: [encipher.root] }, now),
      /not for signing/,
    ],
    [
      'of a key without usage',
      () => verifyChain(noUsage.chain, { roots: [noUsage.root] }, now),
      /not for signing/,
    ],
    [
      'through an intermediate that is no authority',
      () => verifyChain(notAuthority.chain, { roots: [notAuthority.root] }, now),
      /no path/,
    ],
    [
      'that is not a certificate',
      () => verifyChain([Buffer.from('x')], { roots: [root] }, now),
      /not a certificate/,
    ],
    ['that is empty', () => verifyChain([], { roots: [root] }, now), /empty/],
  ];
  for (const [name, run, expected] of refused) {
    test(name, () => {
      assert.throws(
        run,
        (e) =>
          e instanceof ArtifactError &&
          e.code === 'ARTIFACT_CERTIFICATE_INVALID' &&
          expected.test(e.message),
      );
    });
  }
});
