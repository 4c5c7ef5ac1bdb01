/**
 * Names and headers: no drawer folders, no default exports, a module comment in every source file,
 * nothing that belongs to one machine.
 *
 * @module
 */
import { packageOf } from './source-file.ts';
import type { SourceFile } from './source-file.ts';

const DRAWERS = /(^|\/)(shared|common|utils?|helpers?|types)(\/|\.ts$)/;
const CORE_MAX_FILES = 12;
const CORE_MAX_LINES = 1500;

/** Absolute paths of somebody's machine: a home folder, or the folder a checkout happened to be in. */
const MACHINE = /(?:^|[\s'"`(])\/(?:home|Users|root|work)\/[A-Za-z0-9_.-]+/;

export function checkNames(
  files: readonly SourceFile[],
  documents: readonly SourceFile[],
): string[] {
  const sources = files.filter((file) => /^packages\/[^/]+\/src\//.test(file.path));
  return [
    ...files.filter((f) => DRAWERS.test(f.path)).map((f) => `${f.path}: a drawer is not a name`),
    ...sources
      .filter((f) => !/^(?:#![^\n]*\n)?\/\*\*[\s\S]*?@module/.test(f.text))
      .map((f) => `${f.path}: does not open with a module comment`),
    ...sources
      .filter((f) => /^export \* /m.test(f.text))
      .map((f) => `${f.path}: export * hides what is exported`),
    ...[...files, ...documents]
      .filter((f) => MACHINE.test(f.text))
      .map((f) => `${f.path}: names a path of one machine`),
    ...coreCap(sources),
  ];
}

function coreCap(sources: readonly SourceFile[]): string[] {
  const core = sources.filter((file) => packageOf(file.path) === 'core');
  const lines = core.reduce((sum, file) => sum + file.text.split('\n').length, 0);
  if (core.length <= CORE_MAX_FILES && lines <= CORE_MAX_LINES) return [];
  return [
    `packages/core: ${core.length} files, ${lines} lines; the cap is ${CORE_MAX_FILES} and ${CORE_MAX_LINES}`,
  ];
}
