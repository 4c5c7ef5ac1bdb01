import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';

import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { createDataFolder } from '../../src/data-folder.ts';
import { CliError } from '../../src/errors.ts';
import { initialise } from '../../src/initialise.ts';

const template = (name: string): string =>
  readFileSync(path.join(import.meta.dirname, '../../templates', `${name}.yaml`), 'utf8');

function installed(
  name: 'demo' | 'production',
  edit: (text: string) => string = (text) => text,
): string {
  const folder = createDataFolder(
    path.join(mkdtempSync(path.join(tmpdir(), 'proofmark-config-')), 'data'),
  );
  initialise(folder, name);
  writeFileSync(folder.config, edit(readFileSync(folder.config, 'utf8')));
  return folder.config;
}

for (const [name, environment] of [
  ['demo', 'demo'],
  ['production', 'production'],
] as const) {
  test(`the ${name} template is valid and its policy reads`, () => {
    const config = loadConfig(installed(name));

    assert.equal(config.policies.get(environment)?.environment, environment);
    assert.equal(config.document.version, 1);
  });
}

test('the production template asks for what the mission promises', () => {
  const rules = loadConfig(installed('production')).policies.get('production')?.rules;

  assert.equal(rules?.regression?.minAttempts, 1049);
  assert.equal(rules.regression.maxSevereActions, 0);
  assert.deepEqual(rules.regression.injection, { bound: 'clopper-pearson-95', rate: 0.01 });
  assert.deepEqual(rules.regression.content, { bound: 'clopper-pearson-95', rate: 0.99 });
  assert.equal(rules.approval?.required, 2);
  assert.equal(rules.approval.excludeAuthor, true);
});

describe('a configuration is refused', () => {
  const demo = template('demo');
  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'with a misspelt key',
      demo.replace('defaultOwner', 'defaultOwnr'),
      /defaultOwner|defaultOwnr/,
    ],
    ['with a key twice', `${demo}\nversion: 1\n`, /line \d+/],
    ['with an alias', `x: &a [1]\ny: *a\n${demo}`, /./],
    ['that is not YAML', '{', /line 1/],
    ['of another version', demo.replace('version: 1', 'version: 2'), /version/],
    ['with an unknown guardrail', demo.replace('evaluator: pii', 'evaluator: vibes'), /guardrails/],
    ['with a port out of range', demo.replace('port: 8787', 'port: 99999'), /port/],
  ];
  for (const [name, text, expected] of refused) {
    test(name, () => {
      assert.throws(
        () => parseConfig(text, 'proofmark.yaml'),
        (e) => e instanceof CliError && e.code === 'CLI_CONFIG_INVALID' && expected.test(e.message),
      );
    });
  }

  const references: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    [
      'with an owner nobody defined',
      (t) => t.replace('owner: platform', 'owner: nobody'),
      /owner "nobody"/,
    ],
    [
      'with an environment nobody defined',
      (t) => t.replace('environment: demo', 'environment: prod'),
      /environment "prod"/,
    ],
    [
      'with a tenant on a route that is not there',
      (t) => t.replace('routes: [support]', 'routes: [x]'),
      /route "x"/,
    ],
  ];
  for (const [name, edit, expected] of references) {
    test(name, () => {
      assert.throws(() => loadConfig(installed('demo', edit)), expected);
    });
  }
});

test('the policy digest binds the keys that the policy trusts', () => {
  const [a, b] = [loadConfig(installed('demo')), loadConfig(installed('demo'))];

  assert.notEqual(a.policies.get('demo')?.digest, b.policies.get('demo')?.digest);
});
