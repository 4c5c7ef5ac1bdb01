/**
 * Finds the loader and shared libraries that a binary needs, so that the sandbox shows those files
 * and nothing else of the host's library folders.
 *
 * Follows the loader's own order for the cases a server binary has: run path of the file, then the
 * system folders. Not followed: `LD_LIBRARY_PATH`, `ld.so.conf` and libraries opened by name at run
 * time; a server that needs those names them as extra mounts.
 *
 * @module
 */
import { closeSync, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';

import { RunnerError } from '../errors.ts';
import { readElf } from './elf.ts';
import type { ElfFacts } from './elf.ts';
import type { Architecture } from './seccomp.ts';

/** One file to show: `source` on the host appears as `destination` inside. Both are absolute. */
export interface LibraryFile {
  readonly source: string;
  readonly destination: string;
}

const MULTIARCH: Readonly<Record<Architecture, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
};
const MAX_FILES = 256;

/** @throws {RunnerError} RUNNER_BINARY_UNSUPPORTED */
export function runtimeLibraries(
  binary: string,
  architecture: Architecture,
): readonly LibraryFile[] {
  const found = new Map<string, LibraryFile>();
  const pending = [realpathSync(binary)];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const facts = elfFacts(file);
    const wanted = facts.needed.map((name) => locate(name, file, facts, architecture));
    if (facts.interpreter !== null) wanted.push(facts.interpreter);
    for (const destination of wanted) {
      if (found.has(destination)) continue;
      if (found.size >= MAX_FILES) throw refuse(binary, `more than ${MAX_FILES} libraries`);
      const source = realpathSync(destination);
      found.set(destination, { source, destination });
      pending.push(source);
    }
  }
  return [...found.values()];
}

function elfFacts(file: string): ElfFacts {
  const fd = openSync(file, 'r');
  try {
    return readElf((offset, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
    }, path.basename(file));
  } finally {
    closeSync(fd);
  }
}

function locate(name: string, file: string, facts: ElfFacts, architecture: Architecture): string {
  const origin = path.dirname(file);
  const own = facts.runPaths.map((entry) => entry.replace(/\$\{?ORIGIN\}?/g, origin));
  const triple = MULTIARCH[architecture];
  const folders = [
    ...own.filter((folder) => path.isAbsolute(folder)),
    `/lib/${triple}`,
    `/usr/lib/${triple}`,
    '/lib64',
    '/usr/lib64',
    '/lib',
    '/usr/lib',
  ];
  const home = folders.find((folder) => existsSync(path.join(folder, name)));
  if (name.includes('/') || home === undefined) throw refuse(file, `it needs "${name}"`);
  return path.join(home, name);
}

function refuse(file: string, why: string): RunnerError {
  return new RunnerError(
    'RUNNER_BINARY_UNSUPPORTED',
    `cannot prepare "${path.basename(file)}" for the sandbox: ${why}, which is not in the run path or the system's library folders; install it or mount it explicitly`,
  );
}
