/** Reports of vectors/vulnerability-reports, and what the tests say about them in short. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { parseStrictJson } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { isObject } from '../../../src/dependencies/json-value.ts';
import type { ScannerReport } from '../../../src/dependencies/reported.ts';

const FOLDER = path.join(import.meta.dirname, '../../../../../vectors/vulnerability-reports');

export function reportBytes(name: string): Buffer {
  return readFileSync(path.join(FOLDER, name));
}

export function reportJson(name: string): Json {
  return parseStrictJson(reportBytes(name));
}

export function reportObject(name: string): JsonObject {
  const root = reportJson(name);
  assert.ok(isObject(root));
  return root;
}

/** `ID[,ALIAS...] SCORE COMPONENT`, one a finding. */
export function findings({ vulnerabilities }: ScannerReport): string[] {
  return vulnerabilities.map(({ ids, cvss, component }) => `${ids.join()} ${cvss} ${component}`);
}
