import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readEvidence, writeEvidence } from '../../src/sigstore/bundle-evidence.ts';
import { ProtoMessage } from '../../src/sigstore/proto-json.ts';
import { makeInstance } from './instance.ts';
import { makeSigned } from './signed.ts';

const NOW = Date.now();
const instance = makeInstance(NOW);
const { evidence } = makeSigned(instance, NOW);
const chainOf = (...chain: readonly Uint8Array[]): ProtoMessage =>
  new ProtoMessage(
    {
      x509CertificateChain: {
        certificates: chain.map((der) => ({ rawBytes: Buffer.from(der).toString('base64') })),
      },
    },
    'material',
  );

test('what is written is read again', () => {
  const written = new ProtoMessage(writeEvidence(evidence), 'material');

  assert.deepEqual(readEvidence(written), evidence);
});

test('of a chain only the leaf counts', () => {
  assert.deepEqual(
    Buffer.from(readEvidence(chainOf(evidence.certificate)).certificate),
    Buffer.from(evidence.certificate),
  );
});

test('a bundle that brings its own root, no certificate, or a negative index is refused', () => {
  assert.throws(() => readEvidence(chainOf(evidence.certificate, instance.root)), /own root/);
  assert.throws(() => readEvidence(chainOf()), /empty/);
  const text = JSON.stringify(writeEvidence(evidence)).replace('"logIndex":"2"', '"logIndex":"-2"');
  const material = new ProtoMessage(JSON.parse(text) as never, 'material');
  assert.throws(() => readEvidence(material), /logIndex/);
});
