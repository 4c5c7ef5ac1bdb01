/**
 * Small model folders for tests.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { temporaryFolder } from './temporary-folder.ts';

export const SAMPLE: Readonly<Record<string, string>> = {
  'config.json': '{"model_type":"sample"}',
  'weights/part-1.bin': 'first part',
  'weights/part-2.bin': 'second part',
  'empty.txt': '',
};

/** Writes the files below a new temporary folder and returns it. */
export function modelFolder(files: Readonly<Record<string, string>> = SAMPLE): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}
