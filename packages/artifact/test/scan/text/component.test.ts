import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytesSource, scanFiles } from '@proofmark/artifact';

import { rules } from '../outcome.ts';

const json = (name: string, value: unknown): string =>
  rules(name, Buffer.from(JSON.stringify(value)));
const steps = (...types: readonly string[]): object[] =>
  types.map((type, idx) => ({ idx, name: `${idx}`, path: '', type }));

test('C-2 a step of sentence-transformers outside the library needs code of the model', () => {
  const [pooling, dense] = ['models.Pooling', 'models.Dense'].map(
    (n) => `sentence_transformers.${n}`,
  );

  assert.equal(json('modules.json', steps(pooling ?? '', dense ?? '')), '');
  assert.equal(json('modules.json', steps(pooling ?? '', 'custom_st.Transformer')), 'C-2');
  assert.equal(json('modules.json', steps('sentence_transformersx.Pooling')), 'C-2');
  assert.equal(json('other.json', steps('custom_st.Transformer')), '');
});

test('C-1 a step that is imported from a module that runs code blocks as such', () => {
  assert.equal(json('modules.json', steps('subprocess.Popen')), 'C-1');
});

test('C-2 a pipeline of diffusers that is Python of the model', () => {
  assert.equal(json('model_index.json', { _class_name: 'StableDiffusionPipeline' }), '');
  assert.equal(json('model_index.json', { _class_name: ['pipeline', 'Mine'] }), 'C-2');
});

test('C-1 a part of a diffusers pipeline out of a module that runs code blocks', () => {
  const part = (library: unknown): string =>
    json('model_index.json', { _class_name: 'StableDiffusionPipeline', unet: [library, 'X'] });

  assert.equal(part('diffusers'), '');
  assert.equal(part('stable_diffusion'), '', 'a module of its own pipelines');
  assert.equal(part(null), '');
  assert.equal(part('subprocess'), 'C-1');
});

test('C-2 a model of MLflow that another module loads', () => {
  const mlflow = (module: string): string =>
    rules('MLmodel', Buffer.from(`flavors:\n  python_function:\n    loader_module: ${module}\n`));

  assert.equal(mlflow('mlflow.sklearn'), '');
  assert.equal(mlflow('mlflow.pyfunc.model'), '');
  assert.equal(mlflow('my_loader'), 'C-2');
  assert.equal(mlflow('"subprocess"'), 'C-1');
});

test('C-2 an adapter whose base model comes from elsewhere', () => {
  const adapter = (module: unknown): string =>
    json('adapter_config.json', {
      auto_mapping: { base_model_class: 'X', parent_library: module },
    });

  assert.equal(adapter('transformers.models.llama.modeling_llama'), '');
  assert.equal(adapter('__main__'), 'C-2');
  assert.equal(adapter('os'), 'C-1');
  assert.equal(json('adapter_config.json', { auto_mapping: null }), '');
});

test('C-2 a part of a diffusers pipeline whose Python comes with the model', () => {
  const index = Buffer.from(JSON.stringify({ _class_name: 'X', unet: ['my_unet', 'MyUNet'] }));
  const verdict = (python: string): string | undefined =>
    scanFiles([
      { path: 'm/model_index.json', kind: 'file', source: bytesSource(index) },
      { path: python, kind: 'file', source: bytesSource(Buffer.from('x = 1')) },
    ]).files.find(({ path }) => path === 'm/model_index.json')?.verdict;

  assert.equal(verdict('m/unet/my_unet.py'), 'findings');
  assert.equal(verdict('m/unet/other.py'), 'clean');
});
