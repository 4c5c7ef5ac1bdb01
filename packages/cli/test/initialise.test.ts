import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { rulesetDigest } from '@proofmark/artifact';

import { loadConfig } from '../src/config/load.ts';
import { createDataFolder } from '../src/data-folder.ts';
import { CliError } from '../src/errors.ts';
import { initialise } from '../src/initialise.ts';

const folder = (): ReturnType<typeof createDataFolder> =>
  createDataFolder(path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-init-')), 'data'));

test('the production policy pins the scanner, the suite and the evaluators of this installation', () => {
  const made = folder();

  initialise(made, 'production');

  const rules = loadConfig(made.config).policies.get('production')?.rules;
  assert.deepEqual(rules?.scan?.scanners, [rulesetDigest()]);
  assert.ok(Array.isArray(rules.regression?.suites) && rules.regression.suites.length === 1);
  assert.ok(Array.isArray(rules.regression.evaluators) && rules.regression.evaluators.length === 2);
});

test('a configuration that is there is never replaced', () => {
  const made = folder();
  initialise(made, 'demo');
  const text = readFileSync(made.config, 'utf8');

  assert.throws(
    () => initialise(made, 'production'),
    (e) => e instanceof CliError && e.code === 'CLI_OUTPUT_EXISTS',
  );
  assert.equal(readFileSync(made.config, 'utf8'), text);
});
