import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import type { Json, JsonObject } from '@proofmark/core';
import { canonicalJson, parseStrictJson, sha256Hex } from '@proofmark/core';

import { Fields } from '../../src/json-fields.ts';
import {
  buildProvenance,
  readBuilderStatement,
  readProvenance,
} from '../../src/predicates/provenance.ts';
import { anyProvenance } from '../arbitraries.ts';
import { registryError } from '../world.ts';

const DIGEST = 'd'.repeat(64);

/** Reads a predicate as it comes back from a signed statement. */
function read(predicate: Json): ReturnType<typeof readProvenance> {
  const kind = { what: 'provenance evidence', code: 'REGISTRY_EVIDENCE_INVALID' } as const;
  return readProvenance(new Fields(parseStrictJson(JSON.stringify(predicate)), kind));
}

test('what is built reads back as what was said', () => {
  fc.assert(
    fc.property(anyProvenance, (said) => {
      assert.deepEqual(read(buildProvenance(said)), said);
    }),
  );
});

/** As a hosted builder writes it: no time, parameters of its own. */
const hosted = {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: { workflow: { ref: 'refs/heads/main', path: '.github/train.yml' } },
    internalParameters: { github: { event_name: 'push' } },
    resolvedDependencies: [
      {
        uri: 'git+https://example.com/model@refs/heads/main',
        digest: { gitCommit: 'a'.repeat(40) },
      },
    ],
  },
  runDetails: {
    builder: { id: 'https://example.com/runner' },
    metadata: { invocationId: 'https://example.com/runs/1' },
  },
} as const satisfies JsonObject;

describe('a statement of a builder', () => {
  test('gives who built, from what, and its parameters as a digest', () => {
    const built = readBuilderStatement({ predicate: hosted, digest: DIGEST, builtAtMs: 7 });

    assert.deepEqual(built, {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      builder: 'https://example.com/runner',
      invocation: 'https://example.com/runs/1',
      parametersDigest: sha256Hex(canonicalJson(hosted.buildDefinition.externalParameters)),
      sources: [
        {
          uri: 'git+https://example.com/model@refs/heads/main',
          digest: { gitCommit: 'a'.repeat(40) },
        },
      ],
      finishedAtMs: 7,
      statementDigest: DIGEST,
    });
  });

  test('is believed about its own time before anybody else is', () => {
    const predicate = {
      ...hosted,
      runDetails: { ...hosted.runDetails, metadata: { finishedOn: '2026-01-02T03:04:05Z' } },
    };

    const { finishedAtMs } = readBuilderStatement({ predicate, digest: DIGEST, builtAtMs: 7 });

    assert.equal(finishedAtMs, Date.UTC(2026, 0, 2, 3, 4, 5));
  });
});

describe('a statement of a builder is refused', () => {
  const { buildDefinition, runDetails } = hosted;
  const source = (dependency: Json): JsonObject => ({
    ...hosted,
    buildDefinition: { ...buildDefinition, resolvedDependencies: [dependency] },
  });
  const refused: readonly (readonly [string, JsonObject, number | null])[] = [
    ['that nobody dates', hosted, null],
    ['without parameters', { ...hosted, buildDefinition: { buildType: 'x' } }, 7],
    ['that names no builder', { ...hosted, runDetails: { ...runDetails, builder: {} } }, 7],
    ['with a source without digest', source({ uri: 'git+https://example.com', digest: {} }), 7],
    ['with a digest that is none', source({ digest: { sha256: 'latest' } }), 7],
    [
      'whose own time is not a time',
      { ...hosted, runDetails: { ...runDetails, metadata: { finishedOn: 'yesterday' } } },
      7,
    ],
  ];
  for (const [name, predicate, builtAtMs] of refused) {
    test(name, () => {
      assert.throws(
        () => readBuilderStatement({ predicate, digest: DIGEST, builtAtMs }),
        registryError('REGISTRY_EVIDENCE_INVALID'),
      );
    });
  }
});

describe('evidence of provenance is refused', () => {
  const built = buildProvenance(
    readBuilderStatement({ predicate: hosted, digest: DIGEST, builtAtMs: 7 }),
  );
  test('without the digest of what the builder signed', () => {
    const runDetails = {
      ...hosted.runDetails,
      byproducts: [{ name: 'log', digest: { sha256: DIGEST } }],
    };

    assert.throws(() => read({ ...built, runDetails }), registryError('REGISTRY_EVIDENCE_INVALID'));
  });

  test('when it is empty', () => {
    assert.throws(() => read({}), registryError('REGISTRY_EVIDENCE_INVALID'));
  });
});
