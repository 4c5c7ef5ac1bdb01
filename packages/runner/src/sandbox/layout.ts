/**
 * Lays out one sandbox: opens what it shows, numbers the descriptors, writes the init's plan.
 *
 * Model files come as descriptors whose bytes were verified; everything else is opened here by path
 * (the runtime, our init, the server's own files) and belongs to the installation, not to the model.
 *
 * @module
 */
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import {
  EGRESS_SOCKET,
  PLAN_PATH,
  PROBE_PATH,
  SERVER_SOCKET,
  WATCHER_PATH,
} from '../sandbox-init/plan.ts';
import type { InitPlan, ServerMode } from '../sandbox-init/plan.ts';
import { SANDBOX_UID } from './bwrap-args.ts';
import type { SandboxMount, SandboxProfile } from './bwrap-args.ts';
import { buildConnectWatcher } from './connect-watcher.ts';
import { DescriptorTable, leakedDescriptors } from './fds.ts';
import type { StdioEntry } from './fds.ts';
import type { RunFolder } from './run-folder.ts';
import { runtimeLibraries } from './runtime-libraries.ts';
import { assembleFilter, readArchitecture, syscallNumber } from './seccomp.ts';
import { REFUSED_CALLS } from './self-test.ts';
import { buildProbe } from './syscall-probe.ts';

/** One verified file of the model. The descriptor stays the caller's. */
export interface ModelFile {
  /** Relative, `/`-separated, as in the manifest. */
  readonly path: string;
  readonly fd: number;
}

export interface HostMount {
  /** Absolute host path of a file or folder. */
  readonly source: string;
  readonly destination: string;
}

/** What runs in the sandbox beside the model. */
export interface ServerProfile {
  /** Paths are those inside; the Node runtime is at `NODE_INSIDE`. */
  readonly command: readonly string[];
  /** Never a secret: `environ` of a process is not a safe place, and the model could print it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mode: ServerMode;
  readonly mounts: readonly HostMount[];
  /** Binaries whose loader and libraries must be visible; Node's always are. */
  readonly binaries: readonly string[];
  /** Whether the init hashes the model folder, for servers that do not report what they loaded. */
  readonly hashModel: boolean;
  readonly tmpBytes: number;
}

export interface Layout {
  readonly profile: SandboxProfile;
  readonly controlFd: number;
  readonly statusFd: number;
  /** Adds content as one more descriptor: the argument lists, which need the finished profile. */
  addContent(bytes: string): number;
  stdio(): StdioEntry[];
  /** Closes what was opened here; call after spawn. */
  close(): void;
}

export const NODE_INSIDE = '/runtime/node';
export const MODEL_FOLDER = '/model';
const HOSTNAME = 'model';
const MODULE_TYPE_PATH = '/package.json';
const O_PATH = 0o10000000;
/** No kernel has this call: a table that lacks a name makes the self-test fail, not pass. */
const MISSING_CALL = 0xffff;

/** What the init itself is given. */
const INIT_ENVIRONMENT: Readonly<Record<string, string>> = { HOME: '/tmp', PATH: '/runtime' };

/** Mount points that bubblewrap makes by itself, with their access. */
const OWN_MOUNTS: Readonly<Record<string, 'ro' | 'rw'>> = {
  '/': 'ro',
  '/proc': 'rw',
  '/tmp': 'rw',
  '/dev': 'rw',
  '/dev/pts': 'rw',
  ...Object.fromEntries(
    ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => [`/dev/${name}`, 'rw']),
  ),
};

export function layOut(
  files: readonly ModelFile[],
  server: ServerProfile,
  folder: RunFolder,
  initFolder: string,
): Layout {
  const sources = new Sources(folder);
  try {
    const controlFd = sources.table.add('pipe');
    const statusFd = sources.table.add('pipe');
    const mounts = openMounts(sources, files, server, { folder, initFolder });
    const watcher = buildConnectWatcher(readArchitecture(process.arch));
    const plan = buildPlan(server, { controlFd, mounts, watched: watcher !== null });
    const content = (bytes: Uint8Array | string): number => sources.content(bytes);
    const profile: SandboxProfile = {
      mounts,
      data: [
        { fd: content(JSON.stringify(plan)), destination: PLAN_PATH, mode: '0444' },
        { fd: content(selfTestProbe()), destination: PROBE_PATH, mode: '0555' },
        ...(watcher === null
          ? []
          : [{ fd: content(watcher), destination: WATCHER_PATH, mode: '0555' }]),
        // Node reads the module type of the files in /init and /app from here.
        { fd: content('{"type":"module"}'), destination: MODULE_TYPE_PATH, mode: '0444' },
      ],
      environment: INIT_ENVIRONMENT,
      tmpBytes: server.tmpBytes,
      seccompFd: content(assembleFilter(readArchitecture(process.arch))),
      command: [NODE_INSIDE, `/init/main${path.extname(import.meta.filename)}`],
    };
    return {
      profile,
      controlFd,
      statusFd,
      addContent: content,
      stdio: () => sources.table.stdio(leakedDescriptors(), sources.nullFd),
      close: () => sources.close(),
    };
  } catch (cause) {
    sources.close();
    throw cause;
  }
}

/** What was opened for one start, and under which number the child sees it. */
class Sources {
  readonly table = new DescriptorTable();
  readonly nullFd: number;
  readonly #folder: RunFolder;
  readonly #opened: number[] = [];

  constructor(folder: RunFolder) {
    this.#folder = folder;
    this.nullFd = this.#keep(openSync('/dev/null', 'r'));
  }

  content(bytes: Uint8Array | string): number {
    return this.table.add(this.#keep(this.#folder.content(bytes)));
  }

  path(source: string, destination: string, access: SandboxMount['access']): SandboxMount {
    return { fd: this.table.add(this.#keep(openSync(source, O_PATH))), destination, access };
  }

  close(): void {
    this.#opened.splice(0).forEach((fd) => closeSync(fd));
  }

  #keep(fd: number): number {
    this.#opened.push(fd);
    return fd;
  }
}

function openMounts(
  sources: Sources,
  files: readonly ModelFile[],
  server: ServerProfile,
  folders: { readonly folder: RunFolder; readonly initFolder: string },
): SandboxMount[] {
  const node = process.execPath;
  const libraries = [node, ...server.binaries].flatMap((binary) =>
    runtimeLibraries(binary, readArchitecture(process.arch)),
  );
  const hostMounts = new Map<string, string>([
    [NODE_INSIDE, node],
    ['/init', folders.initFolder],
    ...libraries.map((file) => [file.destination, file.source] as const),
    ...server.mounts.map((mount) => [mount.destination, mount.source] as const),
  ]);
  return [
    // Parents first, so that a mount below another one is not covered by it.
    ...[...hostMounts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([inside, outside]) => sources.path(outside, inside, 'read-only')),
    ...files.map((file) => ({
      fd: sources.table.add(file.fd),
      destination: `${MODEL_FOLDER}/${file.path}`,
      access: 'read-only' as const,
    })),
    sources.path(folders.folder.inFolder, path.posix.dirname(SERVER_SOCKET), 'read-write'),
    sources.path(folders.folder.outFolder, path.posix.dirname(EGRESS_SOCKET), 'read-only'),
  ];
}

function buildPlan(
  server: ServerProfile,
  parts: {
    readonly controlFd: number;
    readonly mounts: readonly SandboxMount[];
    readonly watched: boolean;
  },
): InitPlan {
  const { controlFd, mounts, watched } = parts;
  const access = (mount: SandboxMount): 'ro' | 'rw' => (mount.access === 'read-only' ? 'ro' : 'rw');
  return {
    controlFd,
    server: {
      command: server.command,
      environment: server.environment,
      mode: server.mode,
      watched,
    },
    expected: {
      uid: SANDBOX_UID,
      hostname: HOSTNAME,
      mounts: {
        ...OWN_MOUNTS,
        ...Object.fromEntries(mounts.map((mount) => [mount.destination, access(mount)])),
        ...Object.fromEntries(ownFiles(watched).map((at) => [at, 'ro'])),
      },
      // bubblewrap sets PWD when it changes to the working folder.
      environmentNames: [...Object.keys(INIT_ENVIRONMENT), 'PWD'],
      syscalls: REFUSED_CALLS.map(({ name, result }) => ({ name, result })),
    },
    model: { folder: MODEL_FOLDER, hash: server.hashModel },
  };
}

function ownFiles(watched: boolean): readonly string[] {
  return [PLAN_PATH, PROBE_PATH, MODULE_TYPE_PATH, ...(watched ? [WATCHER_PATH] : [])];
}

function selfTestProbe(): Uint8Array {
  const architecture = readArchitecture(process.arch);
  const calls = REFUSED_CALLS.map(({ syscall, args }) => ({
    number: syscallNumber(architecture, syscall) ?? MISSING_CALL,
    args,
  }));
  return buildProbe(architecture, calls);
}
