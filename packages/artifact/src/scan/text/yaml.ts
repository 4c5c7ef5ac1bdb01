/**
 * YAML files: python tags, targets, remote code and templates (rules C-1 to C-5, G-1 to G-3).
 *
 * Judged twice. As a text, because no reading of it can differ from ours about what a scalar is if
 * every scalar is looked at; and as documents, because only they tell what a key holds. A file that is
 * no YAML by our reading is incomplete.
 *
 * @module
 */
import type { Json } from '@proofmark/core';

import { readAll } from '../byte-source.ts';
import { ScanError, faultOffset } from '../errors.ts';
import { baseName } from '../file-name.ts';
import type { Inspection } from '../inspection.ts';
import { checkDocument } from './document.ts';
import { checkMlmodel } from './mlflow.ts';
import { checkText } from './target.ts';
import { readTemplate } from './template.ts';
import { parseYaml } from './yaml-document.ts';

const MAX_YAML_BYTES = 16 * 1024 * 1024;

export function readYaml(inspection: Inspection): void {
  inspection.format = 'yaml';
  const { name } = inspection.place;
  const text = Buffer.from(readAll(inspection.source, MAX_YAML_BYTES)).toString('utf8');
  checkText(inspection, text, name);
  if (/^[ \t]*["']?trust_remote_code["']?[ \t]*:[ \t]*(?:true|yes|on)\b/im.test(text)) {
    inspection.report('C-2', 'the configuration switches trust_remote_code on');
  }
  inspection.spend(Math.ceil(text.length / 16));
  for (const document of documents(inspection, text)) {
    checkDocument(inspection, document);
    if (baseName(name) === 'mlmodel') checkMlmodel(inspection, document);
  }
}

function documents(inspection: Inspection, text: string): readonly Json[] {
  try {
    return parseYaml(text);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    const what = `the file is not YAML that every reader reads alike: ${error.message}`;
    inspection.report('C-4', what, faultOffset(error));
    // What stands between marks of templates is told all the same.
    readTemplate(inspection, text, { name: inspection.place.name, offset: 0, isGuess: true });
    return [];
  }
}
