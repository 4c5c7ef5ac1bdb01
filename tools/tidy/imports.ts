/**
 * Arrows: a package imports only strictly lower layers, by package name, through its exports.
 *
 * @module
 */
import { packageOf } from './source-file.ts';
import type { SourceFile } from './source-file.ts';

/** One list of layers for the whole house; ARCHITECTURE.md draws it. */
const LAYERS: Readonly<Record<string, number>> = {
  core: 0,
  trace: 0,
  artifact: 1,
  tlog: 1,
  secrets: 1,
  api: 1,
  evals: 2,
  oci: 2,
  registry: 2,
  runner: 3,
  gateway: 3,
  monitor: 3,
  server: 4,
  console: 5,
  cli: 5,
};

/** Packages whose source may use `node:` builtins and lower layers, and nothing else. */
const NO_DEPENDENCIES = new Set(['core', 'trace', 'tlog', 'artifact', 'registry', 'oci']);

/** Hostile code, provider keys and promotion rights never share an import graph. */
const APART = new Set(['runner', 'gateway', 'server']);

/** Folders whose decisions must be replayable: no I/O, no clock, no randomness. */
const PURE = [
  'packages/core/src/',
  'packages/artifact/src/scan/',
  'packages/registry/src/gates/',
  'packages/tlog/src/merkle/',
  'packages/evals/src/statistics/',
  'packages/monitor/src/rules/',
];
const IMPURE =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|'node:(?:fs|net|http|https|child_process|os|worker_threads)/;

/** At the start of a line, or dynamic: an import that stands in a text is no import. */
const SPECIFIER = /(?:^(?:import|export|\})[^'\n]*\bfrom\s+|^import\s+|\bimport\(\s*)'([^']+)'/gm;

export function checkImports(
  files: readonly SourceFile[],
  readPackage: (name: string) => { readonly dependencies: readonly string[] },
): string[] {
  return files.flatMap((file) => {
    const owner = packageOf(file.path);
    if (owner === null) return [];
    const problems = purity(file);
    if (LAYERS[owner] === undefined) problems.push(`${file.path}: package ${owner} has no layer`);
    const declared = readPackage(owner).dependencies;
    for (const [, specifier] of file.text.matchAll(SPECIFIER)) {
      const why = specifier === undefined ? null : judge(file, owner, specifier, declared);
      if (why !== null) problems.push(`${file.path}: import of "${specifier}": ${why}`);
    }
    return problems;
  });
}

function judge(
  file: SourceFile,
  owner: string,
  specifier: string,
  declared: readonly string[],
): string | null {
  if (specifier.startsWith('node:')) return null;
  if (specifier.startsWith('.')) return reach(file.path, owner, specifier);
  const [scope, name] = specifier.split('/');
  const dependency = scope?.startsWith('@') === true ? `${scope}/${name}` : (scope ?? '');
  const inSource = file.path.startsWith(`packages/${owner}/src/`);
  if (!inSource) return null;
  if (!declared.includes(dependency)) return 'not declared in package.json';
  if (scope !== '@proofmark') {
    return NO_DEPENDENCIES.has(owner) ? `${owner} has no runtime dependency` : null;
  }
  return layer(owner, name ?? '');
}

function layer(owner: string, target: string): string | null {
  const from = LAYERS[owner] ?? -1;
  const to = LAYERS[target];
  if (to === undefined) return 'no such package';
  if (to >= from) return `layer ${from} may not import layer ${to}`;
  if (APART.has(owner) && APART.has(target)) return `${owner} and ${target} stay apart`;
  if (owner === 'trace') return 'trace imports nothing of ours';
  return null;
}

function reach(path: string, owner: string, specifier: string): string | null {
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  const inSource = path.startsWith(`packages/${owner}/src/`);
  if (inSource && !target.startsWith(`packages/${owner}/src/`)) return 'reaches out of its src';
  if (packageOf(target) !== null && packageOf(target) !== owner) return 'reaches into a package';
  return null;
}

function purity(file: SourceFile): string[] {
  if (!PURE.some((folder) => file.path.startsWith(folder))) return [];
  const code = file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
  const match = IMPURE.exec(code);
  return match === null ? [] : [`${file.path}: "${match[0]}" in a folder that must stay pure`];
}
