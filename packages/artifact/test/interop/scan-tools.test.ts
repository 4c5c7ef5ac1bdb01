/**
 * Fresh files of the tools that people use: what is safe is clean, what carries code is denied, also
 * when its bytes were changed in ways that its loader overlooks.
 *
 * The tools are installed once into a throw-away Python environment below
 * node_modules/.cache/interop-scan; that takes a network and some minutes, so the test runs on
 * request only.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { scanFolder } from '../../src/scan-folder.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const TOOLS =
  'cloudpickle dill h5py joblib lz4 mlflow-skinny numpy onnx pandas pyyaml safetensors scikit-learn skops xgboost-cpu zarr';
const environment = path.join(import.meta.dirname, '../../../../node_modules/.cache/interop-scan');
const python = path.join(environment, 'bin/python');
const skip = whyNot();

test('fresh files of real tools are told apart', { skip }, async () => {
  const folder = temporaryFolder();
  execFileSync(python, [path.join(import.meta.dirname, 'write-models.py'), folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

  const { files } = await scanFolder(folder);

  assert.ok(files.length > 100);
  for (const { path: name, verdict, findings } of files) {
    if (name.startsWith('folders/')) continue;
    const expected = name.startsWith('safe/') ? 'clean' : 'findings';
    assert.equal(verdict, expected, `${name}: ${findings.map(({ message }) => message).join()}`);
  }
  for (const folder of ['pyfunc', 'loader', 'paths']) {
    const model = files.find(({ path: name }) => name === `folders/${folder}/MLmodel`);
    assert.match(model?.findings.map(({ rule }) => rule).join() ?? '', /^C-2/, folder);
  }
});

test('no changed file is clean that its loader still falls for', { skip }, async () => {
  const folder = temporaryFolder();
  const seed = String(Date.now());
  execFileSync(python, [path.join(import.meta.dirname, 'mutate-models.py'), folder, seed, '120'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });

  const { files } = await scanFolder(folder);

  assert.equal(files.length, 5 * 120);
  const missed = files.filter(({ verdict }) => verdict === 'clean').map((file) => file.path);
  assert.deepEqual(missed, [], `seed ${seed}`);
});

/** Why the test cannot run, or `false`; installs the tools on the way. */
function whyNot(): string | false {
  if (process.env['PROOFMARK_INTEROP'] !== '1') {
    return 'skipped: set PROOFMARK_INTEROP=1 to install the tools and scan what they write';
  }
  try {
    // `f2py` comes with NumPy, and all tools are installed by one command or none.
    if (!existsSync(path.join(environment, 'bin/f2py'))) {
      execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' });
      execFileSync(python, ['-m', 'pip', 'install', '-q', ...TOOLS.split(' ')], { stdio: 'pipe' });
    }
    return false;
  } catch {
    return 'skipped: Python 3 with the tools cannot be installed here';
  }
}
