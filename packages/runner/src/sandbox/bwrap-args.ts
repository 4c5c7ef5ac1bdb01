/**
 * Turns a sandbox profile into bubblewrap arguments. Pure.
 *
 * Two shapes. Unprivileged, one bubblewrap mounts everything by verified descriptor
 * (`--ro-bind-fd`). As root, a sandbox must not run as host uid 0, and bubblewrap resolves paths
 * after the identity was dropped, so a private store cannot be named then: an outer *stage* (mount
 * and pid namespace only, no user namespace) binds the descriptors under `/stage` while it is root,
 * drops to the sandbox's own uid, and starts the same inner bubblewrap from there.
 *
 * What is never mounted: `/etc`, `/sys`, `/home`, `/var`, the host's `/run` and `/tmp`, and any
 * library that the server binary does not name. Profile and reasons: docs/spec/sandbox.md.
 *
 * @module
 */
import path from 'node:path';

import { RunnerError } from '../errors.ts';
import { NAME_SERVICE_FOLDER, NAME_SERVICE_LINK } from '../sandbox-init/plan.ts';

export interface SandboxMount {
  /** The child's number of a descriptor opened on the file or folder. */
  readonly fd: number;
  /** Absolute path inside. */
  readonly destination: string;
  readonly access: 'read-only' | 'read-write';
}

/** A file whose content comes from a descriptor and exists on no host path. */
interface SandboxData {
  readonly fd: number;
  readonly destination: string;
  /** Octal text, such as `0444`. */
  readonly mode: string;
}

export interface SandboxProfile {
  readonly mounts: readonly SandboxMount[];
  readonly data: readonly SandboxData[];
  readonly environment: Readonly<Record<string, string>>;
  readonly tmpBytes: number;
  readonly seccompFd: number;
  readonly command: readonly string[];
}

/** Host folders that the stage needs to run bubblewrap itself. */
export interface StageHost {
  readonly folders: readonly string[];
  readonly symlinks: readonly { readonly path: string; readonly target: string }[];
}

/** The uid and gid that a process has inside, whatever it is outside. */
export const SANDBOX_UID = 65534;

const STAGE = '/stage';
const MAX_MOUNTS = 1024;

/** The inner arguments, without `--` and the command. `source` says where mounts come from. */
export function sandboxArguments(
  profile: SandboxProfile,
  source: 'descriptors' | 'stage',
): readonly string[] {
  checkProfile(profile);
  const environment = Object.entries(profile.environment).flatMap(([name, value]) => [
    '--setenv',
    name,
    value,
  ]);
  return [
    ['--unshare-all', '--unshare-user', '--disable-userns', '--hostname', 'model'],
    ['--uid', `${SANDBOX_UID}`, '--gid', `${SANDBOX_UID}`],
    ['--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    environment,
    ['--tmpfs', '/'],
    // Before the mounts: a server that lies below /tmp on the host is shown at the same path.
    ['--perms', '1777', '--size', `${profile.tmpBytes}`, '--tmpfs', '/tmp'],
    profile.mounts.flatMap((mount, i) => bind(mount, source === 'stage' ? `${STAGE}/${i}` : null)),
    profile.data.flatMap(({ fd, destination, mode }) => [
      '--perms',
      mode,
      '--ro-bind-data',
      `${fd}`,
      destination,
    ]),
    // glibc asks here first for names; the init listens behind it.
    ['--symlink', NAME_SERVICE_FOLDER, NAME_SERVICE_LINK],
    ['--proc', '/proc', '--dev', '/dev'],
    ['--chdir', '/', '--remount-ro', '/', '--seccomp', `${profile.seccompFd}`],
  ].flat();
}

/**
 * The outer arguments; the command that follows them drops the identity.
 *
 * The host's `/proc` is bound whole: an inner user namespace may mount a fresh procfs only where a
 * fully visible one exists. The inner sandbox sees its own.
 */
export function stageArguments(
  mounts: readonly SandboxMount[],
  host: StageHost,
): readonly string[] {
  return [
    ['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--cap-drop', 'ALL'],
    ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID', '--clearenv', '--tmpfs', '/'],
    host.folders.flatMap((folder) => ['--ro-bind', folder, folder]),
    host.symlinks.flatMap((link) => ['--symlink', link.target, link.path]),
    ['--dev-bind', '/proc', '/proc', '--dev-bind', '/dev', '/dev'],
    // bubblewrap makes missing parents private to root; these two are crossed by another uid.
    ['--perms', '0755', '--dir', '/tmp', '--perms', '0755', '--dir', STAGE],
    mounts.flatMap((mount, i) => bind({ ...mount, destination: `${STAGE}/${i}` }, null)),
    ['--chdir', '/', '--remount-ro', '/'],
  ].flat();
}

function bind(mount: SandboxMount, stagePath: string | null): string[] {
  const verb = mount.access === 'read-only' ? '--ro-bind' : '--bind';
  return stagePath === null
    ? [`${verb}-fd`, `${mount.fd}`, mount.destination]
    : [verb, stagePath, mount.destination];
}

function checkProfile(profile: SandboxProfile): void {
  const destinations = [...profile.mounts, ...profile.data].map((mount) => mount.destination);
  if (destinations.length > MAX_MOUNTS) {
    throw refuse(
      `it has ${destinations.length} mounts and at most ${MAX_MOUNTS} are allowed; pack the model into fewer files`,
    );
  }
  if (profile.command.length === 0) throw refuse('it has no command');
  const seen = new Set<string>();
  for (const destination of destinations) {
    if (!isPlainAbsolute(destination))
      throw refuse(`"${destination}" is not a plain absolute path`);
    if (seen.has(destination)) throw refuse(`"${destination}" is mounted twice`);
    seen.add(destination);
  }
  const texts = [
    ...destinations,
    ...profile.command,
    ...Object.entries(profile.environment).flat(),
  ];
  // The arguments travel separated by NUL, so one inside an argument would start another.
  if (texts.some((text) => text.includes('\0'))) throw refuse('an argument contains a NUL byte');
}

function isPlainAbsolute(destination: string): boolean {
  return (
    path.posix.isAbsolute(destination) &&
    path.posix.normalize(destination) === destination &&
    destination !== '/' &&
    !destination.endsWith('/')
  );
}

function refuse(why: string): RunnerError {
  return new RunnerError('RUNNER_PROFILE_INVALID', `cannot build the sandbox profile: ${why}`);
}
