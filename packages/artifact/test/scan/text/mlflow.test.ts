import assert from 'node:assert/strict';
import { test } from 'node:test';

import { messages, rules } from '../outcome.ts';

const model = (...lines: readonly string[]): Buffer =>
  Buffer.from(
    `artifact_path: model\nflavors:\n  python_function:\n${lines.map((line) => `    ${line}\n`).join('')}`,
  );
const mlflow = (...lines: readonly string[]): string => rules('MLmodel', model(...lines));

test('a model by a loader of MLflow, with data of its own, is clean', () => {
  const env = 'env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml';

  assert.equal(
    mlflow('loader_module: mlflow.sklearn', 'model_path: model.pkl', env, 'code: null'),
    '',
  );
});

test('C-2 code that comes with the model is told with what runs it', () => {
  assert.equal(mlflow('loader_module: mlflow.sklearn', 'code: code'), 'C-2');
  assert.match(
    messages('MLmodel', model('code: code')),
    /folder "?code"? in front of the path of Python/,
  );
  assert.equal(mlflow('loader_module: my_loader', 'code: code'), 'C-2');
  assert.equal(mlflow('model_code_path: model.py'), 'C-2');
  assert.equal(mlflow('model_code_path: null'), '');
  assert.match(
    messages('MLmodel', model('python_model: python_model.pkl')),
    /unpickles "?python_model.pkl/,
  );
});

test('C-2 a key that is escaped, anchored or in another flavour is the same key', () => {
  assert.equal(mlflow('"loader\\x5fmodule": evil'), 'C-2');
  assert.equal(mlflow('env: &e evil', 'loader_module: *e'), 'C-2');
  const merged = 'x: &x\n  loader_module: evil\nflavors:\n  python_function:\n    <<: *x\n';
  assert.equal(rules('MLmodel', Buffer.from(merged)), 'C-2');
  assert.equal(rules('MLmodel', Buffer.from('flavors: {x: {"code": "lib"}}\n')), 'C-2');
});

test('C-5 a path that leaves the folder is told', () => {
  for (const path of ['/etc/x.pkl', '../other/m.pkl', 'a/../../m.pkl', '~/m.pkl', 's3://b/m.pkl']) {
    assert.equal(mlflow('loader_module: mlflow.sklearn', `model_path: ${path}`), 'C-5', path);
  }
  assert.equal(mlflow('artifacts:\n      a:\n        path: ../../a\n        uri: s3://b/a'), 'C-5');
  assert.equal(
    mlflow('artifacts:\n      a:\n        path: artifacts/a\n        uri: s3://b/a'),
    '',
  );
});

test('C-4 a model without flavors is incomplete', () => {
  assert.equal(rules('MLmodel', Buffer.from('run_id: abc\n')), 'C-4');
});

test('C-1 C-2 the module in a file beside the model is imported by its name', () => {
  const named = (name: string, module: string): string => rules(name, Buffer.from(module));

  assert.equal(named('data/pickle_module_info.txt', 'mlflow.pytorch.pickle_module'), '');
  assert.equal(named('data/pickle_module_info.txt', 'evil'), 'C-2');
  assert.equal(named('data/pickle_module_info.txt', 'subprocess'), 'C-1');
  assert.equal(named('data/keras_module.txt', 'tensorflow.keras\n'), '');
  assert.equal(named('data/keras_module.txt', 'evil'), 'C-2');
  assert.equal(mlflow('keras_module: keras'), '');
  assert.equal(mlflow('keras_module: evil'), 'C-2');
});
