import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import formatsPlugin from 'ajv-formats';

import { bytesSource, createBom, createManifest, readFacts } from '@proofmark/artifact';
import type { BomRequest } from '@proofmark/artifact';
import { sha256Hex } from '@proofmark/core';
import type { JsonObject } from '@proofmark/core';

import { gguf, safetensors } from '../scan/samples.ts';

const SCHEMAS = path.join(import.meta.dirname, '../../../../vectors/cyclonedx');

function compile(): ValidateFunction {
  const load = (name: string): object =>
    JSON.parse(readFileSync(path.join(SCHEMAS, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, validateFormats: true });
  // The plugin is CommonJS: its types and its module disagree about "default".
  const addFormats = 'default' in formatsPlugin ? formatsPlugin.default : formatsPlugin;
  addFormats(ajv, ['date-time', 'email', 'uri']);
  ajv.addFormat('iri-reference', true).addFormat('idn-email', true);
  for (const name of ['spdx', 'jsf-0.82']) {
    ajv.addSchema(load(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(load('bom-1.6'));
}

const validate = compile();

function requireValid(bom: JsonObject): void {
  assert.ok(
    validate(JSON.parse(JSON.stringify(bom))),
    JSON.stringify(validate.errors?.slice(0, 4)),
  );
}

function request(
  files: Readonly<Record<string, string | Uint8Array>>,
  extra: Partial<BomRequest> = {},
): BomRequest {
  const contents = Object.entries(files).map(([name, content]) => ({
    path: name,
    bytes: Buffer.from(content),
  }));
  return {
    name: 'assistant',
    version: '1.0.0',
    manifest: createManifest(
      contents.map(({ path: name, bytes }) => ({
        path: name,
        sizeBytes: bytes.length,
        sha256: sha256Hex(bytes),
      })),
    ),
    facts: readFacts(
      contents.map(({ path: name, bytes }) => ({ path: name, source: () => bytesSource(bytes) })),
    ),
    serving: [],
    toolVersion: '0.0.0',
    createdAtMs: null,
    ...extra,
  };
}

const FULL = {
  'README.md':
    '---\nlicense: apache-2.0\nbase_model: org/base\ndatasets: [org/set]\npipeline_tag: text-generation\n---\n',
  'config.json':
    '{"architectures":["LlamaForCausalLM"],"model_type":"llama","transformers_version":"4.50.0"}',
  'model.safetensors': safetensors(
    '{"w":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}}',
    Buffer.alloc(12),
  ),
  'requirements.txt': 'vllm==0.9.0\n',
};

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: unknown;
  readonly pedigree?: unknown;
  readonly components?: readonly Component[];
  readonly modelCard?: {
    readonly modelParameters: Readonly<Record<string, unknown>>;
    readonly properties: readonly { readonly name: string; readonly value: string }[];
  };
}

function components(bom: JsonObject): readonly Component[] {
  return bom['components'] as unknown as readonly Component[];
}

function cardOf(bom: JsonObject): Readonly<Record<string, string>> {
  const properties = components(bom)[0]?.modelCard?.properties ?? [];
  return Object.fromEntries(properties.map(({ name, value }) => [name.slice(10), value]));
}

test('a full bundle: valid against the official schema, everything from its files', () => {
  const input = request(FULL);
  const bom = createBom(input);
  const [model, ...libraries] = components(bom);

  requireValid(bom);
  assert.deepEqual(model?.licenses, [{ license: { id: 'Apache-2.0' } }]);
  assert.deepEqual(model?.pedigree, {
    ancestors: [
      { type: 'machine-learning-model', name: 'org/base', purl: 'pkg:huggingface/org/base' },
    ],
  });
  assert.deepEqual(model?.modelCard?.modelParameters, {
    task: 'text-generation',
    architectureFamily: 'llama',
    modelArchitecture: 'LlamaForCausalLM',
    datasets: [{ type: 'dataset', name: 'org/set' }],
    inputs: [{ format: 'text' }],
    outputs: [{ format: 'text' }],
  });
  assert.equal(cardOf(bom)['parameterCount'], '6');
  assert.equal(cardOf(bom)['elementTypes'], 'safetensors: BF16 6');
  assert.equal(cardOf(bom)['quantisation'], 'none');
  assert.deepEqual(
    libraries.map((library) => library.purl),
    ['pkg:pypi/transformers@4.50.0', 'pkg:pypi/vllm@0.9.0'],
  );
  assert.deepEqual(
    model?.components?.map((file) => [file.name, file.hashes?.[0]?.content]),
    input.manifest.files.map((file) => [file.path, file.sha256]),
  );
});

test('a bundle that states nothing: valid, and unknown says unknown', () => {
  const bom = createBom(request({ 'model.bin': 'opaque' }, { version: null }));
  const [model] = components(bom);

  requireValid(bom);
  assert.deepEqual(model?.modelCard?.modelParameters, {
    task: 'unknown',
    architectureFamily: 'unknown',
    modelArchitecture: 'unknown',
    inputs: [{ format: 'unknown' }],
    outputs: [{ format: 'unknown' }],
  });
  assert.deepEqual(new Set(Object.values(cardOf(bom))), new Set(['unknown']));
  assert.deepEqual(model?.licenses, [{ license: { name: 'unknown' } }]);
  assert.equal(model?.version, 'unknown');
});

test('a licence that SPDX does not list keeps its name; a broken file is named', () => {
  const bom = createBom(request({ 'README.md': '---\nlicense: llama3\n---', 'm.gguf': 'GGUF' }));

  requireValid(bom);
  assert.deepEqual(components(bom)[0]?.licenses, [{ license: { name: 'llama3' } }]);
  assert.match(cardOf(bom)['unread'] ?? '', /^m\.gguf: G-4/);
});

test('quantised weights: what the file states, or unknown, never none', () => {
  const stated = createBom(request({ 'm.gguf': gguf() }));
  const packed = safetensors(
    '{"w":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}',
    Buffer.alloc(4),
  );

  assert.equal(cardOf(stated)['quantisation'], 'none');
  assert.equal(cardOf(createBom(request({ 'm.safetensors': packed })))['quantisation'], 'unknown');
});

test('the same bundle gives the same bytes; another file gives another serial number', () => {
  const text = (files: Readonly<Record<string, string | Uint8Array>>): string =>
    JSON.stringify(createBom(request(files)));
  const { serialNumber } = createBom(request(FULL));
  const other = createBom(request({ ...FULL, 'x.txt': '' }))['serialNumber'];

  assert.equal(text(FULL), text({ ...FULL }));
  assert.match(
    JSON.stringify(serialNumber),
    /^"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$/,
  );
  assert.notEqual(serialNumber, other);
});

test('hostile names and texts stay inside a valid document with unique references', () => {
  const bom = createBom(
    request(
      {
        'README.md': `---\nlicense: "<script>"\nbase_model: "a/b/../c"\n---`,
        'config.json': JSON.stringify({
          architectures: ['\u0000x\ud83d'],
          model_type: '__proto__',
        }),
        'weird "name"/\u202efdp.bin': 'x',
        'requirements.txt': 'a==1\n',
      },
      {
        serving: [
          { ecosystem: 'PyPI', name: 'a', version: '1', integrity: null, development: false },
          {
            ecosystem: 'npm',
            name: '@s/a',
            version: '1.0.0',
            integrity: 'sha512-x',
            development: true,
          },
        ],
        createdAtMs: 0,
      },
    ),
  );
  const all = components(bom).flatMap((c) => [c, ...(c.components ?? [])]);

  requireValid(bom);
  assert.equal(new Set(all.map((c) => c['bom-ref'])).size, all.length);
  assert.deepEqual(
    all.map((c) => c.purl).filter((purl) => purl !== undefined),
    ['pkg:npm/%40s/a@1.0.0', 'pkg:pypi/a@1'],
  );
});

test('the validator is real: a document without its format is refused', () => {
  const { bomFormat: _, ...rest } = createBom(request(FULL));

  assert.equal(validate(rest), false);
});
