/**
 * Arbitrary predicates of every kind, in their valid ranges, for laws.
 *
 * @module
 */
import fc from 'fast-check';

import type { Predicates } from '@proofmark/registry';

/** Plain objects, as parsed JSON has them; by default the library makes some without a prototype. */
function record<T>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

/** Milliseconds between 1970 and 2100: what an ISO time can carry. */
export const anyTime: fc.Arbitrary<number> = fc.integer({ min: 0, max: 4_102_444_800_000 });
export const anyDigest: fc.Arbitrary<string> = fc.stringMatching(/^[0-9a-f]{64}$/);
const anyWord = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,20}$/);
const anyCount = fc.nat();
const anyActor = fc.constantFrom('alice', 'bob@example.com', 'ci/build-1');

export const anyEvaluator: fc.Arbitrary<Predicates['shadow']['evaluators'][number]['evaluator']> =
  record({ id: anyWord, version: anyWord, configDigest: anyDigest });

const anyFamily = fc
  .tuple(
    anyWord,
    fc.integer({ min: 1, max: 1000 }),
    fc.array(fc.nat({ max: 1000 }), { minLength: 4, maxLength: 4 }),
  )
  .map(([family, attempts, counts]) => {
    const [a = 0, b = 0, c = 0, d = 0] = counts.map((n) => n % (attempts + 1));
    return {
      family,
      attempts,
      injectionSuccesses: a,
      contentFailures: b,
      severeActions: c,
      errors: d,
    };
  });

export const anyScan: fc.Arbitrary<Predicates['scan']> = record({
  outcome: fc.constantFrom('pass' as const, 'fail' as const, 'error' as const),
  scanner: record({ name: anyWord, version: anyWord, rulesDigest: anyDigest }),
  filesScanned: anyCount,
  bytesScanned: anyCount,
  findings: record({ critical: anyCount, high: anyCount, medium: anyCount, low: anyCount }),
  reportDigest: anyDigest,
  finishedAtMs: anyTime,
});

const vulnerability = {
  id: anyWord,
  cvss: fc.integer({ min: 0, max: 100 }).map((n) => n / 10),
  component: anyWord,
};

/** With and without what is left out when there is none. */
const anyVulnerability = fc.oneof(
  record(vulnerability),
  record({ ...vulnerability, aliases: fc.array(anyWord, { minLength: 1, maxLength: 3 }) }),
);

const anyReport = {
  scanner: record({ uri: anyWord, version: anyWord }),
  database: record({ uri: anyWord, version: anyWord, lastUpdateMs: anyTime }),
  vulnerabilities: fc.array(anyVulnerability, { maxLength: 5 }),
  components: anyCount,
  lockDigest: anyDigest,
  startedAtMs: anyTime,
  finishedAtMs: anyTime,
};

const anySilenced = fc
  .tuple(
    anyVulnerability,
    record({ status: anyWord, justification: fc.oneof(fc.constant(''), anyWord), author: anyWord }),
  )
  .map(([found, by]) => ({ ...found, ...by }));

export const anyDependencies: fc.Arbitrary<Predicates['dependencies']> = fc.oneof(
  record(anyReport),
  record({ ...anyReport, silenced: fc.array(anySilenced, { maxLength: 3 }) }),
);

export const anyRegression: fc.Arbitrary<Predicates['regression']> = record({
  suite: record({ name: anyWord, digest: anyDigest }),
  evaluators: fc.array(anyEvaluator, { maxLength: 4 }),
  families: fc.uniqueArray(anyFamily, { selector: (f) => f.family, maxLength: 6 }),
  resultsDigest: anyDigest,
  startedAtMs: anyTime,
  durationMs: fc.nat({ max: 1_000_000 }),
}).map(({ durationMs, ...run }) => ({ ...run, finishedAtMs: run.startedAtMs + durationMs }));

export const anyShadow: fc.Arbitrary<Predicates['shadow']> = record({
  hours: fc.integer({ min: 1, max: 60 }),
  startedAtMs: anyTime,
  specDigest: anyDigest,
  specFixedAtMs: anyTime,
  liveManifestDigest: anyDigest,
  samplingRate: fc
    .double({ min: 0, max: 1, noNaN: true, noDefaultInfinity: true })
    .map((n) => n + 0),
  pairs: fc.integer({ min: 5, max: 100 }),
  evaluators: fc.uniqueArray(
    record({
      evaluator: anyEvaluator,
      sessions: fc.array(
        record({
          difference: fc.integer({ min: -100, max: 100 }).map((n) => n / 100 + 0),
          endAfterMs: fc.integer({ min: 0, max: 3_600_000 }),
        }),
        { maxLength: 5 },
      ),
    }).map(({ evaluator, sessions }) => ({
      evaluator,
      differences: sessions.map(({ difference }) => difference),
      endsAfterMs: sessions.map(({ endAfterMs }) => endAfterMs).toSorted((a, b) => a - b),
    })),
    { selector: (item) => item.evaluator.id, maxLength: 3 },
  ),
  requests: fc.nat(),
}).map(({ hours, pairs, requests, ...run }) => ({
  ...run,
  endedAtMs: run.startedAtMs + hours * 3_600_000,
  pairsPerHour: Array.from({ length: hours }, () => pairs),
  judgeFailures: pairs - 1,
  candidateErrors: pairs,
  requests,
  tracedRequests: Math.floor(requests / 2),
}));

export const anyProvenance: fc.Arbitrary<Predicates['provenance']> = record({
  buildType: anyWord,
  builder: anyWord,
  invocation: fc.option(anyWord, { nil: null }),
  parametersDigest: anyDigest,
  sources: fc.array(
    record({
      uri: fc.oneof(fc.constant(''), anyWord),
      digest: fc.dictionary(fc.constantFrom('sha256', 'gitCommit'), anyDigest, {
        minKeys: 1,
        noNullPrototype: true,
      }),
    }),
    { maxLength: 4 },
  ),
  finishedAtMs: anyTime,
  statementDigest: anyDigest,
});

export const anySecrets: fc.Arbitrary<Predicates['secrets']> = record({
  secrets: fc.array(record({ name: anyWord, rotatedAtMs: anyTime }), { maxLength: 4 }),
  checkedAtMs: anyTime,
});

export const anyApproval: fc.Arbitrary<Predicates['approval']> = record({
  verdict: fc.constantFrom('approve' as const, 'reject' as const),
  actor: anyActor,
  reason: anyWord,
  policyDigest: anyDigest,
  evidenceDigests: fc.array(anyDigest, { maxLength: 5 }),
  approvedAtMs: anyTime,
  expiresAtMs: anyTime,
});

export const anyRevocation: fc.Arbitrary<Predicates['revocation']> = record({
  target: fc.oneof(
    fc.constant({ kind: 'model' as const }),
    anyDigest.map((evidenceDigest) => ({ kind: 'evidence' as const, evidenceDigest })),
  ),
  actor: anyActor,
  reason: anyWord,
  revokedAtMs: anyTime,
});

export const anyBom: fc.Arbitrary<Predicates['bom']> = fc
  .tuple(fc.array(anyWord, { maxLength: 4 }), anyTime)
  .map(([names, createdAtMs]) => ({
    specVersion: '1.6',
    componentCount: names.length,
    createdAtMs,
    document: {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { timestamp: new Date(createdAtMs).toISOString() },
      components: names.map((name) => ({ type: 'library', name })),
    },
  }));
