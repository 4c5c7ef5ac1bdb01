/**
 * Types, then lint: the linter reads what the compiler has built. Only declarations are: what is
 * published is built by `npm run types`.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';

const root = path.dirname(import.meta.dirname);

for (const [name, ...rest] of [
  ['tsc', '-b', '--emitDeclarationOnly', '--sourceMap', 'false', '--declarationMap', 'false'],
  ['oxlint', '--type-aware', '--deny-warnings'],
]) {
  const command = path.join(root, 'node_modules', '.bin', name);
  const { status } = spawnSync(command, rest, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 2);
}
