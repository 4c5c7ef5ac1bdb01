import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { generatePrivateKeyPem, readSigner, signEnvelope, signStatement } from '@proofmark/core';
import { ArtifactError, applyVex, readVex } from '@proofmark/artifact';
import type { VexStatement, VulnerabilityGroup } from '@proofmark/artifact';

const author = readSigner(generatePrivateKeyPem('ecdsa-p256'));
const SHIPPED = 'aa'.repeat(32);
const NOW = Date.parse('2026-11-20T00:00:00Z');
const PURL = 'pkg:npm/%40s/a@1.0.0';
const trust = { authors: [author.publicKey], subjects: [SHIPPED] };

const found = (id: string, component = PURL, aliases: string[] = []): VulnerabilityGroup => ({
  id,
  aliases,
  component,
  cvss: 9,
  fixed: [],
  summary: '',
});

interface Said {
  readonly [key: string]: unknown;
}

const statement = (change: Said = {}): Said => ({
  vulnerability: { name: 'CVE-1' },
  products: [{ '@id': PURL }],
  status: 'not_affected',
  justification: 'component_not_present',
  timestamp: '2026-11-01T00:00:00Z',
  ...change,
});

function openVex(...statements: Said[]): object {
  return { '@context': 'https://openvex.dev/ns/v0.2.0', statements };
}

async function sign(document: object): Promise<string> {
  const payload = Buffer.from(JSON.stringify(document));
  const type = 'bomFormat' in document ? 'cyclonedx' : 'openvex';
  return JSON.stringify(await signEnvelope(`application/vnd.${type}+json`, payload, [author]));
}

/** Ids of the findings that stand after the statements. */
async function standing(findings: VulnerabilityGroup[], ...statements: Said[]): Promise<string[]> {
  const said = readVex(await sign(openVex(...statements)), trust);
  return applyVex(findings, said, { subjects: [SHIPPED], nowMs: NOW }).standing.map((g) => g.id);
}

test('not affected with a justification, and fixed, silence; the record says who and why', async () => {
  const said = readVex(
    await sign(
      openVex(
        statement(),
        statement({ vulnerability: { name: 'CVE-2' }, status: 'fixed', justification: undefined }),
      ),
    ),
    trust,
  );
  const { standing: left, silenced } = applyVex(
    [found('CVE-1'), found('CVE-2'), found('CVE-3')],
    said,
    {
      subjects: [],
      nowMs: NOW,
    },
  );

  assert.deepEqual(
    left.map((g) => g.id),
    ['CVE-3'],
  );
  assert.deepEqual(
    silenced.map(({ found: group, by }) => [group.id, by.status, by.justification, by.keyId]),
    [
      ['CVE-1', 'not_affected', 'component_not_present', author.publicKey.keyId],
      ['CVE-2', 'fixed', '', author.publicKey.keyId],
    ],
  );
});

test('affected and under investigation silence nothing', async () => {
  for (const status of ['affected', 'under_investigation']) {
    assert.deepEqual(await standing([found('CVE-1')], statement({ status })), ['CVE-1']);
  }
});

test('an alias on either side is the same vulnerability', async () => {
  assert.deepEqual(await standing([found('GHSA-x', PURL, ['CVE-1'])], statement()), []);
  assert.deepEqual(
    await standing(
      [found('GHSA-x')],
      statement({ vulnerability: { name: 'CVE-9', aliases: ['GHSA-x'] } }),
    ),
    [],
  );
});

describe('a statement silences exactly the component it names', () => {
  const cases: readonly (readonly [string, unknown, string[]])[] = [
    ['the same version, otherwise encoded', [{ '@id': 'pkg:npm/@s/a@1.0.0' }], []],
    ['with qualifiers', [{ '@id': `${PURL}?arch=x` }], []],
    ['under identifiers', [{ '@id': 'urn:x', identifiers: { purl: PURL } }], []],
    ['another version', [{ '@id': 'pkg:npm/%40s/a@1.0.1' }], ['CVE-1']],
    ['no version', [{ '@id': 'pkg:npm/%40s/a' }], ['CVE-1']],
    ['a longer name', [{ '@id': 'pkg:npm/%40s/a@1.0.0-rc' }], ['CVE-1']],
    ['no product', [], ['CVE-1']],
    ['a product that is a text', [PURL], ['CVE-1']],
    ['a broken escape', [{ '@id': 'pkg:npm/%zz@1.0.0' }], ['CVE-1']],
    ['the shipped product as a whole', [{ '@id': `pkg:oci/x@sha256:${SHIPPED}` }], []],
    ['the shipped product by hash', [{ '@id': 'urn:x', hashes: { 'sha-256': SHIPPED } }], []],
    [
      'the component within the shipped product',
      [{ '@id': `pkg:oci/x@sha256:${SHIPPED}`, subcomponents: [{ '@id': PURL }] }],
      [],
    ],
    [
      'another component within the shipped product',
      [{ '@id': `pkg:oci/x@sha256:${SHIPPED}`, subcomponents: [{ '@id': 'pkg:npm/b@1' }] }],
      ['CVE-1'],
    ],
    [
      'the component within another product',
      [{ '@id': `pkg:oci/x@sha256:${'bb'.repeat(32)}`, subcomponents: [{ '@id': PURL }] }],
      ['CVE-1'],
    ],
    [
      'a component below the component',
      [{ '@id': PURL, subcomponents: [{ '@id': 'pkg:npm/b@1' }] }],
      ['CVE-1'],
    ],
  ];
  for (const [why, products, left] of cases) {
    test(why, async () => {
      assert.deepEqual(await standing([found('CVE-1')], statement({ products })), left);
    });
  }
});

test('the newest statement decides; of equally new ones the one that does not silence', async () => {
  const later = '2026-11-02T00:00:00Z';
  const affected = { status: 'affected' };

  assert.deepEqual(
    await standing([found('CVE-1')], statement(), statement({ ...affected, timestamp: later })),
    ['CVE-1'],
  );
  assert.deepEqual(
    await standing([found('CVE-1')], statement({ timestamp: later }), statement(affected)),
    [],
  );
  assert.deepEqual(await standing([found('CVE-1')], statement(), statement(affected)), ['CVE-1']);
  assert.deepEqual(await standing([found('CVE-1')], statement(affected), statement()), ['CVE-1']);
});

test('a statement from the future is not heard', async () => {
  assert.deepEqual(
    await standing([found('CVE-1')], statement({ timestamp: '2026-12-01T00:00:00Z' })),
    ['CVE-1'],
  );
});

test('malware cannot be silenced', async () => {
  assert.deepEqual(await standing([found('MAL-2024-1', PURL, ['CVE-1'])], statement()), [
    'MAL-2024-1',
  ]);
});

test('CycloneDX analyses: states, components by reference, times of the analysis', async () => {
  const vulnerability = (id: string, state: string, extra: object = {}): object => ({
    id,
    affects: [{ ref: 'a' }],
    analysis: { state, lastUpdated: '2026-11-01T00:00:00Z', ...extra },
  });
  const document = {
    bomFormat: 'CycloneDX',
    components: [{ 'bom-ref': 'a', purl: PURL }],
    vulnerabilities: [
      vulnerability('CVE-1', 'not_affected', { justification: 'code_not_reachable' }),
      vulnerability('CVE-2', 'false_positive'),
      vulnerability('CVE-3', 'resolved'),
      vulnerability('CVE-4', 'exploitable'),
      vulnerability('CVE-5', 'in_triage'),
      { id: 'CVE-6', affects: [{ ref: 'a' }] },
    ],
  };
  const said: VexStatement[] = readVex(await sign(document), trust);
  const findings = [1, 2, 3, 4, 5, 6].map((n) => found(`CVE-${n}`));

  assert.deepEqual(
    applyVex(findings, said, { subjects: [], nowMs: NOW }).standing.map((g) => g.id),
    ['CVE-4', 'CVE-5', 'CVE-6'],
  );
});

test('as an in-toto predicate it must be about what is shipped', async () => {
  const about = async (digest: string): Promise<string> =>
    JSON.stringify(
      await signStatement(
        {
          subject: [{ name: 'image', digest: { sha256: digest } }],
          predicateType: 'https://openvex.dev/ns/v0.2.0',
          predicate: JSON.parse(JSON.stringify(openVex(statement()))) as Record<string, never>,
        },
        [author],
      ),
    );

  assert.equal(readVex(await about(SHIPPED), trust).length, 1);
  const other = await about('bb'.repeat(32));
  assert.throws(
    () => readVex(other, trust),
    (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_REPORT_SUBJECT',
  );
});

test('unsigned, or signed by a stranger, it silences nothing', async () => {
  const stranger = readSigner(generatePrivateKeyPem('ecdsa-p256'));
  const signed = await sign(openVex(statement()));
  const refused = (code: string, run: () => unknown): void => {
    assert.throws(run, (error) => error instanceof ArtifactError && error.code === code);
  };

  refused('ARTIFACT_VEX_INVALID', () => readVex(JSON.stringify(openVex(statement())), trust));
  refused('ARTIFACT_REPORT_UNTRUSTED', () =>
    readVex(signed, { ...trust, authors: [stranger.publicKey] }),
  );
  refused('ARTIFACT_REPORT_UNTRUSTED', () => readVex(signed, { ...trust, authors: [] }));
});

describe('readVex() refuses a signed document', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['of another context', { '@context': 'https://example.org', statements: [] }],
    ['with a status that is unknown', openVex(statement({ status: 'fine' }))],
    ['with a status named like a member of objects', openVex(statement({ status: 'constructor' }))],
    ['that says not affected and not why', openVex(statement({ justification: undefined }))],
    ['without a vulnerability', openVex(statement({ vulnerability: {} }))],
    ['without a time', openVex(statement({ timestamp: undefined }))],
  ];
  for (const [why, document] of cases) {
    test(why, async () => {
      const text = await sign(document);
      assert.throws(
        () => readVex(text, trust),
        (error) => error instanceof ArtifactError && error.code === 'ARTIFACT_VEX_INVALID',
      );
    });
  }

  test('that is no JSON object', () => {
    for (const text of ['no', '[]']) {
      assert.throws(() => readVex(text, trust), ArtifactError);
    }
  });
});
