/**
 * Where a model was built, from what and by whom: SLSA Provenance v1 (slsa.dev/spec/v1.0/provenance).
 *
 * Of the parameters of a build only a digest is kept: what they mean is the builder's business, and
 * they may be long. The statement of the builder itself is pinned as a by-product.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { canonicalJson, isoTime, sha256Hex } from '@proofmark/core';

import { Fields } from '../json-fields.ts';

export const PROVENANCE_PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';

export interface BuildSource {
  /** Where it came from; empty where the builder does not say. */
  readonly uri: string;
  /** Algorithm to lowercase hex, as the builder wrote them. */
  readonly digest: Readonly<Record<string, string>>;
}

export interface ProvenancePredicate {
  /** URI of the kind of build. */
  readonly buildType: string;
  /** URI of who built: the identity that a policy compares. */
  readonly builder: string;
  /** Id of the one run; null where the builder does not say. */
  readonly invocation: string | null;
  /** SHA-256 of the canonical JSON of `externalParameters`. */
  readonly parametersDigest: string;
  /** `resolvedDependencies`: code, data and models that went in. */
  readonly sources: readonly BuildSource[];
  readonly finishedAtMs: number;
  /** SHA-256 of the envelope that the builder signed. */
  readonly statementDigest: string;
}

const MAX_SOURCES = 1000;
const MAX_DIGESTS = 16;
const HEX = /^[0-9a-f]{8,128}$/;
const STATEMENT = 'statement';

export function buildProvenance(built: ProvenancePredicate): JsonObject {
  const { invocation } = built;
  return {
    buildDefinition: {
      buildType: built.buildType,
      externalParameters: { sha256: built.parametersDigest },
      resolvedDependencies: built.sources.map(({ uri, digest }) => ({
        ...(uri === '' ? {} : { uri }),
        digest: { ...digest },
      })),
    },
    runDetails: {
      builder: { id: built.builder },
      metadata: {
        ...(invocation === null ? {} : { invocationId: invocation }),
        finishedOn: isoTime(built.finishedAtMs),
      },
      byproducts: [{ name: STATEMENT, digest: { sha256: built.statementDigest } }],
    },
  };
}

export function readProvenance(predicate: Fields): ProvenancePredicate {
  const definition = predicate.object('buildDefinition');
  const [statement] = predicate
    .object('runDetails')
    .list('byproducts', (item) => ({
      name: item.text('name', { max: 256 }),
      digest: item.object('digest').digest('sha256'),
    }))
    .filter(({ name }) => name === STATEMENT);
  if (statement === undefined) {
    throw predicate.refuse('runDetails', `no by-product named ${STATEMENT}`);
  }
  return {
    ...readBuild(predicate),
    parametersDigest: definition.object('externalParameters').digest('sha256'),
    finishedAtMs: predicate.object('runDetails').object('metadata').time('finishedOn'),
    statementDigest: statement.digest,
  };
}

export interface BuilderStatement {
  /** The predicate as the builder wrote it. */
  readonly predicate: JsonObject;
  /** SHA-256 of the envelope that the builder signed. */
  readonly digest: string;
  /** For builders that do not say when they finished; null where nobody knows. */
  readonly builtAtMs: number | null;
}

/** @throws {RegistryError} REGISTRY_EVIDENCE_INVALID */
export function readBuilderStatement({
  predicate,
  digest,
  builtAtMs,
}: BuilderStatement): ProvenancePredicate {
  const fields = new Fields(predicate, {
    what: 'build provenance',
    code: 'REGISTRY_EVIDENCE_INVALID',
  });
  const parameters = fields.object('buildDefinition').object('externalParameters');
  const run = fields.object('runDetails');
  const says = run.has('metadata') && run.object('metadata').has('finishedOn');
  return {
    ...readBuild(fields),
    parametersDigest: sha256Hex(canonicalJson(parameters.json)),
    finishedAtMs:
      !says && builtAtMs !== null ? builtAtMs : run.object('metadata').time('finishedOn'),
    statementDigest: digest,
  };
}

function readBuild(
  predicate: Fields,
): Omit<ProvenancePredicate, 'parametersDigest' | 'finishedAtMs' | 'statementDigest'> {
  const definition = predicate.object('buildDefinition');
  const run = predicate.object('runDetails');
  const metadata = run.has('metadata') ? run.object('metadata') : null;
  return {
    buildType: definition.text('buildType'),
    builder: run.object('builder').text('id'),
    invocation: metadata?.has('invocationId') === true ? metadata.text('invocationId') : null,
    sources: definition.has('resolvedDependencies')
      ? definition.list('resolvedDependencies', readSource, MAX_SOURCES)
      : [],
  };
}

function readSource(item: Fields): BuildSource {
  const digest = item.object('digest');
  const algorithms = digest.keys();
  if (algorithms.length === 0 || algorithms.length > MAX_DIGESTS) {
    throw item.refuse('digest', `1 to ${MAX_DIGESTS} digests were expected`);
  }
  return {
    uri: item.has('uri') ? item.text('uri') : '',
    digest: Object.fromEntries(
      algorithms.map((name) => [name, digest.text(name, { pattern: HEX })]),
    ),
  };
}
