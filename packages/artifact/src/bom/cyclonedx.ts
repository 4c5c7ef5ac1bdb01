/**
 * The bill of materials of a model bundle: CycloneDX 1.6 (ECMA-424) as JSON.
 *
 * Component `model` is the machine-learning model with its card and every file beneath it; beside
 * it stand the libraries that the bundle or a lock file names. What no file states is written as
 * `unknown`, never left to be assumed. The document is a function of its input: serial number from
 * the manifest digest, no time unless one is given, fixed order. Layout: docs/spec/bom.md.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';
import { isoTime, sha256Hex } from '@proofmark/core';

import type { LockedPackage } from '../dependencies/locked-package.ts';
import { packageUrl } from '../dependencies/locked-package.ts';
import type { Manifest, ManifestFile } from '../manifest.ts';
import type { FactName, ModelFacts, NamedLibrary, Port } from './model-facts.ts';
import type { BundleFacts } from './read-facts.ts';
import { spdxId } from './spdx.ts';

export interface BomRequest {
  readonly name: string;
  /** Null when the bundle was not registered under a version. */
  readonly version: string | null;
  readonly manifest: Manifest;
  readonly facts: BundleFacts;
  /** Packages of what serves the model, from lock files outside the bundle. */
  readonly serving: readonly LockedPackage[];
  readonly toolVersion: string;
  /** Milliseconds since the Unix epoch; null leaves the document without a time. */
  readonly createdAtMs: number | null;
}

const UNKNOWN = 'unknown';
const MODEL_REF = 'model';

/** Builds the document. */
export function createBom(request: BomRequest): JsonObject {
  const { name, version, manifest, facts, createdAtMs } = request;
  const libraries = [
    ...facts.model.libraries.map(namedLibrary),
    ...distinct([...facts.packages, ...request.serving]).map(lockedLibrary),
  ];
  const subject: JsonObject = {
    type: 'machine-learning-model',
    name,
    version: version ?? UNKNOWN,
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumber(manifest.manifestDigest),
    version: 1,
    metadata: {
      ...(createdAtMs === null ? {} : { timestamp: isoTime(createdAtMs) }),
      tools: {
        components: [{ type: 'application', name: 'proofmark', version: request.toolVersion }],
      },
      component: { ...subject, 'bom-ref': 'bundle' },
    },
    components: [model(subject, request), ...libraries],
    dependencies: [
      { ref: 'bundle', dependsOn: [MODEL_REF] },
      { ref: MODEL_REF, dependsOn: libraries.map((library) => library['bom-ref'] ?? MODEL_REF) },
    ],
    compositions: [
      // Every file of the manifest is listed; libraries only as far as files name them.
      { aggregate: 'complete', assemblies: [MODEL_REF] },
      {
        aggregate: facts.packages.length + request.serving.length > 0 ? 'incomplete' : 'unknown',
        dependencies: [MODEL_REF],
      },
    ],
  };
}

/** A UUID (RFC 9562, version 8) out of the manifest digest. */
function serialNumber(manifestDigest: string): string {
  const hex = sha256Hex(`proofmark bom ${manifestDigest}`);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function model(subject: JsonObject, { manifest, facts }: BomRequest): JsonObject {
  const ancestors = valuesOf(facts.model, 'base-model').map(ancestor);
  return {
    ...subject,
    'bom-ref': MODEL_REF,
    // The name-binding digest of the whole bundle, which signature and gate decide on.
    hashes: [{ alg: 'SHA-256', content: manifest.manifestDigest }],
    licenses: licences(facts.model),
    ...(ancestors.length === 0 ? {} : { pedigree: { ancestors } }),
    modelCard: modelCard(facts.model),
    properties: [
      property('manifestDigest', manifest.manifestDigest),
      property('omsRoot', manifest.omsRoot),
      property('totalBytes', String(manifest.totalBytes)),
    ],
    components: manifest.files.map(file),
  };
}

function file({ path, sizeBytes, sha256 }: ManifestFile): JsonObject {
  return {
    type: 'file',
    'bom-ref': `file:${path}`,
    name: path,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    properties: [property('sizeBytes', String(sizeBytes))],
  };
}

function modelCard(facts: ModelFacts): JsonObject {
  const datasets = valuesOf(facts, 'dataset');
  return {
    modelParameters: {
      task: text(facts, 'task'),
      architectureFamily: text(facts, 'family'),
      modelArchitecture: text(facts, 'architecture'),
      ...(datasets.length === 0
        ? {}
        : { datasets: datasets.map((name) => ({ type: 'dataset', name })) }),
      inputs: ports(facts.inputs),
      outputs: ports(facts.outputs),
    },
    properties: [
      property('parameterCount', parameterCount(facts)),
      ...elementTypes(facts),
      property('quantisation', quantisation(facts)),
      property('contextLength', text(facts, 'context-length')),
      property('language', text(facts, 'language')),
      property('baseModel', text(facts, 'base-model')),
      property('dataset', text(facts, 'dataset')),
      property('licence', text(facts, 'licence')),
      property('producer', text(facts, 'producer')),
      ...facts.unread.map(({ path, why }) => property('unread', `${path}: ${why}`)),
    ],
  };
}

/**
 * Elements of all tensors. Packed quantised weights hold several parameters in one element, which
 * no header tells, so the name of the fact says what was counted.
 */
function parameterCount({ elements }: ModelFacts): string {
  const [counts] = elements.values();
  if (counts === undefined) return UNKNOWN;
  return String([...counts.values()].reduce((sum, count) => sum + count, 0n));
}

function elementTypes({ elements }: ModelFacts): JsonObject[] {
  if (elements.size === 0) return [property('elementTypes', UNKNOWN)];
  return [...elements].map(([format, counts]) => {
    const types = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const list = types.map(([type, count]) => `${type} ${count}`).join(', ');
    return property('elementTypes', `${format}: ${list}`);
  });
}

const FLOATS = new Set(['F64', 'F32', 'F16', 'BF16', 'DOUBLE', 'FLOAT', 'FLOAT16', 'BFLOAT16']);

/** Stated by a file, or `none` when every tensor of a read header holds plain floating point. */
function quantisation(facts: ModelFacts): string {
  const stated = text(facts, 'quantisation');
  if (stated !== UNKNOWN) return stated;
  const types = [...facts.elements.values()].flatMap((counts) => [...counts.keys()]);
  return types.length > 0 && types.every((type) => FLOATS.has(type)) ? 'none' : UNKNOWN;
}

function ports(list: readonly Port[]): JsonObject[] {
  if (list.length === 0) return [{ format: UNKNOWN }];
  return list.map(({ name, type, shape }) => {
    const sizes = shape === null ? '' : ` [${shape.join(', ')}]`;
    return { format: name === '' ? `${type}${sizes}` : `${name}: ${type}${sizes}` };
  });
}

function licences(facts: ModelFacts): JsonObject[] {
  const names = valuesOf(facts, 'licence');
  if (names.length === 0) return [{ license: { name: UNKNOWN } }];
  const known = names.map((name): JsonObject => {
    const id = spdxId(name);
    return id === null ? { license: { name } } : { license: { id } };
  });
  return [...new Map(known.map((entry) => [JSON.stringify(entry), entry])).values()];
}

const HUB_ID =
  /^(?:https:\/\/huggingface\.co\/)?([A-Za-z0-9][\w.-]{0,95})\/([A-Za-z0-9][\w.-]{0,95})$/;

function ancestor(name: string): JsonObject {
  const [, owner, repository] = HUB_ID.exec(name) ?? [];
  return {
    type: 'machine-learning-model',
    name,
    ...(owner === undefined ? {} : { purl: `pkg:huggingface/${owner}/${repository}` }),
  };
}

/** Packages of PyPI whose name in a model file is the name of the package. */
const PYPI_LIBRARIES = new Set([
  'diffusers',
  'keras',
  'peft',
  'sentence-transformers',
  'timm',
  'transformers',
]);

function namedLibrary({ name, version, source }: NamedLibrary): JsonObject {
  const purl =
    version !== null && PYPI_LIBRARIES.has(name)
      ? { purl: packageUrl({ ecosystem: 'PyPI', name, version }) }
      : {};
  return {
    type: 'library',
    'bom-ref': `library:${name}@${version ?? UNKNOWN}`,
    name,
    version: version ?? UNKNOWN,
    ...purl,
    properties: [property('statedBy', source)],
  };
}

function lockedLibrary(locked: LockedPackage): JsonObject {
  const purl = packageUrl(locked);
  return {
    type: 'library',
    'bom-ref': purl,
    name: locked.name,
    version: locked.version,
    scope: locked.development ? 'excluded' : 'required',
    purl,
    properties: [property('pinned', locked.integrity ?? 'no')],
  };
}

function distinct(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  const byUrl = new Map(packages.map((locked) => [packageUrl(locked), locked]));
  return [...byUrl].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, p]) => p);
}

function valuesOf(facts: ModelFacts, name: FactName): readonly string[] {
  return facts.values.get(name) ?? [];
}

function text(facts: ModelFacts, name: FactName): string {
  const values = valuesOf(facts, name);
  return values.length === 0 ? UNKNOWN : values.join(', ');
}

function property(name: string, value: Json): JsonObject {
  return { name: `proofmark:${name}`, value };
}
