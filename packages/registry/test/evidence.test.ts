import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { modelSubject, parseEnvelope, signEnvelope, signStatement } from '@proofmark/core';
import type { Envelope } from '@proofmark/core';
import { EVIDENCE_KINDS, envelopeDigest, readEvidence, signEvidence } from '@proofmark/registry';

import { anyApproval, anyRegression, anyScan } from './arbitraries.ts';
import { model, registryError, scan, signers } from './world.ts';

const trusted = [signers.scanner.publicKey, signers.tester.publicKey];

test('signed evidence reads back with its digest, subject, signer, time and content', async () => {
  const said = scan();

  const envelope = await signEvidence('scan', said, model(), [signers.scanner]);
  const evidence = readEvidence(envelope, trusted);

  assert.deepEqual(evidence, {
    digest: envelopeDigest(envelope),
    kind: 'scan',
    predicateType: 'https://in-toto.io/attestation/scai/v0.3',
    manifestDigest: model().manifestDigest,
    keyIds: [signers.scanner.publicKey.keyId],
    observedAtMs: said.finishedAtMs,
    predicate: said,
  });
});

test('every kind reads back through a signature as what was said', async () => {
  await fc.assert(
    fc.asyncProperty(anyScan, anyRegression, anyApproval, async (scanned, run, approved) => {
      const read = async (envelope: Promise<Envelope>) =>
        readEvidence(parseEnvelope(JSON.stringify(await envelope)), trusted).predicate;
      const by = [signers.tester];

      assert.deepEqual(await read(signEvidence('scan', scanned, model(), by)), scanned);
      assert.deepEqual(await read(signEvidence('regression', run, model(), by)), run);
      assert.deepEqual(await read(signEvidence('approval', approved, model(), by)), approved);
    }),
    { numRuns: 20 },
  );
});

test('only trusted signatures are named, however many there are', async () => {
  const by = [signers.stranger, signers.scanner, signers.tester];

  const envelope = await signEvidence('scan', scan(), model(), by);

  assert.deepEqual(
    readEvidence(envelope, trusted).keyIds,
    trusted.map((key) => key.keyId),
  );
});

test('a flipped bit of the payload or the signature never reads', async () => {
  const envelope = await signEvidence('scan', scan(), model(), [signers.scanner]);
  const [signature] = envelope.signatures;
  assert.ok(signature);
  const flip = (base64: string, at: number, bit: number): string => {
    const bytes = Buffer.from(base64, 'base64');
    const index = at % bytes.length;
    bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
    return bytes.toString('base64');
  };

  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 7 }), fc.boolean(), (at, bit, inPayload) => {
      const changed: Envelope = inPayload
        ? { ...envelope, payload: flip(envelope.payload, at, bit) }
        : { ...envelope, signatures: [{ ...signature, sig: flip(signature.sig, at, bit) }] };

      // A bit of the last bracket makes it look cut off; that is refused all the same.
      assert.throws(
        () => readEvidence(changed, trusted),
        (error) =>
          registryError('REGISTRY_EVIDENCE_UNTRUSTED')(error) ||
          registryError('REGISTRY_EVIDENCE_TRUNCATED')(error),
      );
    }),
  );
});

describe('readEvidence() refuses', () => {
  const statement = {
    subject: [modelSubject(model())],
    predicateType: 'https://in-toto.io/attestation/scai/v0.3',
    predicate: {},
  };
  const by = [signers.scanner];
  const refused: readonly (readonly [string, string, () => Promise<Envelope>])[] = [
    [
      'evidence of a stranger',
      'REGISTRY_EVIDENCE_UNTRUSTED',
      () => signEvidence('scan', scan(), model(), [signers.stranger]),
    ],
    ['an empty predicate', 'REGISTRY_EVIDENCE_INVALID', () => signStatement(statement, by)],
    [
      'an unknown predicate type',
      'REGISTRY_EVIDENCE_INVALID',
      () => signStatement({ ...statement, predicateType: 'urn:example' }, by),
    ],
    [
      'a predicate type that is a member of every object',
      'REGISTRY_EVIDENCE_INVALID',
      () => signStatement({ ...statement, predicateType: 'constructor' }, by),
    ],
    [
      'two subjects',
      'REGISTRY_EVIDENCE_INVALID',
      () => signStatement({ ...statement, subject: [1, 2].map(() => modelSubject(model())) }, by),
    ],
    [
      'a subject without a manifest digest',
      'REGISTRY_EVIDENCE_INVALID',
      () =>
        signStatement(
          { ...statement, subject: [{ name: 'm', digest: { sha256: 'a'.repeat(64) } }] },
          by,
        ),
    ],
    [
      'another payload type',
      'REGISTRY_EVIDENCE_INVALID',
      async () => signEnvelope('text/plain', Buffer.from('{}'), by),
    ],
    [
      'a payload that is no JSON',
      'REGISTRY_EVIDENCE_INVALID',
      async () => signEnvelope('application/vnd.in-toto+json', Buffer.from('{"a":1,"a":2}'), by),
    ],
  ];
  for (const [name, code, make] of refused) {
    test(name, async () => {
      const envelope = await make();

      assert.throws(() => readEvidence(envelope, trusted), registryError(code));
    });
  }
});

test('the kinds of evidence are the ones of docs/spec/evidence.md', () => {
  assert.deepEqual(EVIDENCE_KINDS.toSorted(), [
    'approval',
    'bom',
    'dependencies',
    'provenance',
    'regression',
    'revocation',
    'scan',
    'secrets',
    'shadow',
  ]);
});
