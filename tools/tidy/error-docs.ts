/**
 * Every error code of the code is documented, and every documented code exists.
 *
 * A code is a member of a `...ErrorCode` union; a documented code is the first cell of a table row
 * in `docs/errors/*.md`.
 *
 * @module
 */
import type { SourceFile } from './source-file.ts';

const UNION = /type \w*ErrorCode\s*=([\s\S]*?);/g;
const MEMBER = /^\s*\|?\s*'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/gm;
const ROW = /^\|\s*`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`\s*\|/gm;

export function checkErrorDocs(
  files: readonly SourceFile[],
  documents: readonly SourceFile[],
): string[] {
  const inCode = new Map<string, string>();
  for (const file of files.filter((f) => /^packages\/[^/]+\/src\//.test(f.path))) {
    const code = file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
    for (const [, body] of code.matchAll(UNION)) {
      for (const [, name] of (body ?? '').matchAll(MEMBER)) if (name) inCode.set(name, file.path);
    }
  }
  const inDocs = new Map<string, string>();
  for (const document of documents) {
    for (const [, code] of document.text.matchAll(ROW)) if (code) inDocs.set(code, document.path);
  }
  return [
    ...[...inCode].filter(([c]) => !inDocs.has(c)).map(([c, at]) => `${at}: ${c} is undocumented`),
    ...[...inDocs].filter(([c]) => !inCode.has(c)).map(([c, at]) => `${at}: ${c} does not exist`),
  ];
}
