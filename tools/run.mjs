/**
 * The npm scripts: `node tools/run.mjs VERB [ARG ...]`.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { ensurePackages, ensureSandbox, fail, pinnedRuntime, root } from './install.mjs';

const SOURCE = ['--conditions=proofmark-source', '--disable-warning=ExperimentalWarning'];
const [verb, ...args] = process.argv.slice(2);

const verbs = {
  /** The main job, then serve until Ctrl-C. */
  start: () => foreground([...SOURCE, 'packages/cli/src/main.ts', 'up', '--demo', ...args]),
  /** The six attacks of the demonstration, each refused. */
  attacks: () => foreground([...SOURCE, 'packages/cli/src/main.ts', 'demo', 'attacks', ...args]),
  test: () => steps([unit, e2e]),
  unit: () => steps([unit]),
  e2e: () => steps([e2e]),
  check: () =>
    steps([
      () => tool('prettier', '--check', '--log-level', 'warn', '.'),
      () => tool('oxlint', '--type-aware', '--deny-warnings'),
      () => tool('tsc', '-b'),
      () => node([...SOURCE, 'tools/tidy.ts']),
      () => tool('knip', '--no-progress'),
      unit,
    ]),
  bench: () => {
    const benches = readdirSync(path.join(root, 'bench'))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.slice(0, -3));
    const [name, ...rest] = args;
    if (name === undefined) {
      process.stdout.write(
        `${benches.map((b) => `npm run -s bench -- ${b} [--json]`).join('\n')}\n`,
      );
      return;
    }
    if (!benches.includes(name)) fail(`there is no benchmark "${name}"; npm run bench lists them.`);
    foreground([...SOURCE, `bench/${name}.ts`, ...rest]);
  },
};

const run = verbs[verb];
if (run === undefined) fail(`unknown script "${verb}": ${Object.keys(verbs).join(', ')}`);
ensurePackages();
if (['start', 'attacks', 'test', 'unit', 'e2e', 'check'].includes(verb)) ensureSandbox();
const runtime = pinnedRuntime();
run();

function unit() {
  return node([
    ...SOURCE,
    '--test',
    '--test-isolation=none',
    ...readdirSync(path.join(root, 'packages')).flatMap((name) => tests(`packages/${name}/test`)),
    ...tests('tools/test'),
  ]);
}

function e2e() {
  return node([...SOURCE, '--test', '--test-concurrency=1', ...tests('test/e2e')]);
}

function tests(folder) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join(folder, file))
    .toSorted();
}

function tool(name, ...rest) {
  return spawnSync(path.join(root, 'node_modules', '.bin', name), rest, options()).status;
}

function node(rest) {
  return spawnSync(runtime, rest, options()).status;
}

function options() {
  const bin = path.join(root, 'node_modules', '.bin');
  const PATH = `${bin}${path.delimiter}${process.env.PATH}`;
  return { cwd: root, stdio: 'inherit', env: { ...process.env, PATH } };
}

/** Runs each step and stops at the first that fails, with its exit code. */
function steps(list) {
  for (const step of list) {
    const started = Date.now();
    const status = step();
    if (status !== 0) process.exit(status ?? 2);
    if (list.length > 2)
      process.stderr.write(`  ok in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  }
}

/** Runs a long-lived command: signals reach it, its exit code is ours. */
function foreground(rest) {
  const child = spawn(runtime, rest, { ...options(), cwd: root });
  // The terminal sends SIGINT to the whole group: wait for the child's own clean shutdown.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
}
