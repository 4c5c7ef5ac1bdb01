/**
 * Finds out, once, whether bubblewrap can sandbox on this host, and says the exact fix if not.
 *
 * Fails closed: an unknown failure is a refusal too. There is no "run without a sandbox" here.
 *
 * @module
 */
import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import process from 'node:process';

import { RunnerError } from '../errors.ts';
import { stageArguments } from './bwrap-args.ts';
import type { StageHost } from './bwrap-args.ts';
import { DEFAULT_UID_RANGE } from './identity.ts';

/** Absolute paths of what a start executes, each checked to exist and to work. */
export interface SandboxSupport {
  readonly bwrap: string;
  readonly version: string;
  /** Present when the supervisor is root: it drops the identity with this. */
  readonly setpriv: string | null;
  readonly stageHost: StageHost;
}

const TRIAL_MS = 10_000;

/** @throws {RunnerError} RUNNER_SANDBOX_UNAVAILABLE */
export async function probeSandbox(): Promise<SandboxSupport> {
  if (process.platform !== 'linux') {
    throw refuse(
      `this is ${process.platform}`,
      'serve on Linux; everything but serving works here',
    );
  }
  const bwrap = find('bwrap');
  if (bwrap === null) {
    throw refuse('bubblewrap is not installed', 'apt-get install bubblewrap (or dnf, apk, pacman)');
  }
  const help = await run(bwrap, ['--help']);
  if (!help.output.includes('--ro-bind-fd')) {
    throw refuse(
      'this bubblewrap cannot mount by descriptor (--ro-bind-fd)',
      'install bubblewrap 0.10 or newer, or the security update of your distribution',
    );
  }
  const privileged = process.getuid?.() === 0;
  const setpriv = privileged ? find('setpriv') : null;
  if (privileged && setpriv === null) {
    throw refuse('setpriv is not installed', 'apt-get install util-linux (or apk add setpriv)');
  }
  const version = (await run(bwrap, ['--version'])).output.trim();
  const support = Object.freeze({ bwrap, version, setpriv, stageHost: describeHost() });
  await tryNamespaces(support);
  return support;
}

/** Tries the real shape: as root the stage, the dropped identity, and the sandbox in it. */
async function tryNamespaces({ bwrap, setpriv, stageHost }: SandboxSupport): Promise<void> {
  const isolation = ['--unshare-all', '--unshare-user', '--disable-userns', '--cap-drop', 'ALL'];
  const inner = [bwrap, ...isolation, '--ro-bind', '/', '/', '--proc', '/proc', '--', 'true'];
  const id = `${DEFAULT_UID_RANGE.first}`;
  const [file = '', ...args] =
    setpriv === null
      ? inner
      : [
          [bwrap, ...stageArguments([], stageHost), '--'],
          [setpriv, '--reuid', id, '--regid', id, '--clear-groups', '--no-new-privs', '--'],
          inner,
        ].flat();
  const trial = await run(file, args);
  if (trial.ok) return;
  const [why, fix] = explainFailure(trial.output);
  throw refuse(why, fix);
}

/** What bubblewrap's message means and what helps; exported for `doctor` and the tests. */
export function explainFailure(output: string): readonly [why: string, fix: string] {
  if (/setting up uid map: Permission denied|AppArmor/i.test(output)) {
    return [
      'AppArmor forbids user namespaces for bubblewrap',
      'install an AppArmor profile for /usr/bin/bwrap with "userns," (package apparmor-profiles: bwrap-userns-restrict), then reload it; do not switch the restriction off for the whole host',
    ];
  }
  if (
    /No permissions to creat(?:e|ing) new namespace|Creating new namespace failed: Operation not permitted/i.test(
      output,
    )
  ) {
    return [
      'this user may not create namespaces',
      'in a container, run it with a seccomp profile that allows user namespaces (for Docker: --security-opt seccomp=unconfined --security-opt systempaths=unconfined for the runner container only), or let the pod be the sandbox; on a host, set kernel.unprivileged_userns_clone=1',
    ];
  }
  if (/No space left on device|ENOSPC/i.test(output)) {
    return [
      'the limit of user namespaces is reached or set to zero (nested sandbox?)',
      'raise user.max_user_namespaces, or do not start the runner inside another sandbox',
    ];
  }
  if (/mount proc/i.test(output)) {
    return [
      'procfs is masked here, as container runtimes do',
      'start the container with --security-opt systempaths=unconfined',
    ];
  }
  return [
    `bubblewrap failed: ${output.trim().slice(0, 200)}`,
    'run `bwrap --unshare-all --ro-bind / / true` as this user and fix what it reports',
  ];
}

function describeHost(): SandboxSupport['stageHost'] {
  const folders: string[] = [];
  const symlinks: { path: string; target: string }[] = [];
  for (const name of ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix', '/gnu']) {
    if (!existsSync(name)) continue;
    if (lstatSync(name).isSymbolicLink()) symlinks.push({ path: name, target: readlinkSync(name) });
    else folders.push(name);
  }
  return { folders, symlinks };
}

function find(name: string): string | null {
  // Fixed folders: a PATH would let the environment choose what enforces the sandbox.
  const places = ['/usr/bin', '/bin', '/usr/local/bin', '/run/current-system/sw/bin'];
  return places.map((folder) => `${folder}/${name}`).find((file) => existsSync(file)) ?? null;
}

async function run(
  file: string,
  args: readonly string[],
): Promise<{ readonly ok: boolean; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: TRIAL_MS, env: {} }, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}${stderr}` });
    });
  });
}

function refuse(why: string, fix: string): RunnerError {
  return new RunnerError(
    'RUNNER_SANDBOX_UNAVAILABLE',
    `cannot sandbox a model on this host: ${why}. To fix: ${fix}`,
  );
}
