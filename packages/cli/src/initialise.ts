/**
 * Writes the first `proofmark.yaml` of a data folder, with a key for every role it names.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { rulesetDigest } from '@proofmark/artifact';
import { readDataset } from '@proofmark/evals';

import type { DataFolder } from './data-folder.ts';
import { writeDurably } from './durable-file.ts';
import { scoringEvaluators } from './evaluators.ts';
import { KEY_ROLES, createKey, roleSigner } from './keyring.ts';
import { SHIPPED } from './shipped.ts';

export type Template = 'demo' | 'production';

/** Keys first: a configuration that is there is complete. Never replaces anything. */
export function initialise(folder: DataFolder, template: Template): void {
  for (const role of KEY_ROLES) roleSigner(folder.keys, role);
  if (template === 'production') {
    for (const approver of ['approver-1', 'approver-2']) {
      const file = path.join(folder.keys, `${approver}.pem`);
      if (!existsSync(file)) createKey(file, 'ed25519');
    }
  }
  const text = readFileSync(
    path.join(import.meta.dirname, '..', 'templates', `${template}.yaml`),
    'utf8',
  );
  writeDurably(folder.config, pin(text), { mode: 0o600, replace: false });
}

/** Replaces the placeholders of the strict template by the digests of this installation. */
function pin(template: string): string {
  const { content, action } = scoringEvaluators('fast');
  const evaluators = [content, action].map(({ identity }) => {
    const { id, version, configDigest } = identity;
    return `{ id: ${id}, version: '${version}', configDigest: ${configDigest} }`;
  });
  const suite = path.join(SHIPPED, 'datasets', 'redteam', 'suite.jsonl');
  return template
    .replace('[SCANNER_RULES]', () => `[${rulesetDigest()}]`)
    .replace('[REDTEAM_SUITE]', () => `[${readDataset(readFileSync(suite, 'utf8')).digest}]`)
    .replace('[EVALUATORS]', () => `[${evaluators.join(', ')}]`);
}
