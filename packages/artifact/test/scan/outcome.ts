/**
 * Scans bytes under a name and says what came out, for tests.
 *
 * @module
 */
import assert from 'node:assert/strict';

import { bytesSource, scanFiles } from '@proofmark/artifact';
import type { FileReport, ScanOptions } from '@proofmark/artifact';

/** The report of one file in a folder of its own. */
export function inspect(name: string, bytes: Uint8Array, options: ScanOptions = {}): FileReport {
  const report = scanFiles([{ path: name, kind: 'file', source: bytesSource(bytes) }], options);
  const [file] = report.files;
  assert.ok(file !== undefined);
  return file;
}

/** The rules that fired, sorted, without repeats: '' for a clean file. */
export function rules(name: string, bytes: Uint8Array): string {
  const file = inspect(name, bytes);
  assert.equal(file.verdict === 'clean', file.findings.length === 0);
  return [...new Set(file.findings.map((finding) => finding.rule))].toSorted().join(' ');
}

/** The messages that fired, joined. */
export function messages(name: string, bytes: Uint8Array): string {
  return inspect(name, bytes)
    .findings.map((finding) => finding.message)
    .join('\n');
}
