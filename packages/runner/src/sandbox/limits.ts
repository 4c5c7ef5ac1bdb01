/**
 * Resource limits of one sandbox, and the truth about which of them this host enforces.
 *
 * Order of preference: cgroup v2 (a subtree that we may write), cgroup v1 as root, `ulimit`. The
 * result lists per resource what enforces it, `none` included; a limit that the caller marks as
 * required and that nothing enforces refuses the start.
 *
 * The child joins its cgroups itself, in a small shell step before bubblewrap, so that no process of
 * the sandbox ever runs outside them.
 *
 * @module
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { RunnerError } from '../errors.ts';
import { processExists } from './identity.ts';

export interface ResourceLimits {
  readonly memoryBytes: number;
  readonly processes: number;
  /** 100 is one core. */
  readonly cpuPercent: number;
  readonly openFiles: number;
}

export type LimitedResource = keyof ResourceLimits;
type LimitMechanism = 'cgroup-v2' | 'cgroup-v1' | 'ulimit' | 'none';
export type EnforcedLimits = Readonly<Record<LimitedResource, LimitMechanism>>;

export interface LimitHost {
  /** Where cgroups are mounted, `/sys/fs/cgroup` on every current Linux. */
  readonly cgroupRoot: string;
  readonly privileged: boolean;
  /** Whether the sandbox has a host uid of its own, so that a per-uid process limit counts only it. */
  readonly ownUid: boolean;
}

export interface PreparedLimits {
  readonly enforced: EnforcedLimits;
  /** `cgroup.procs` files that the child writes itself into. */
  readonly joinFiles: readonly string[];
  /** `ulimit` arguments for the child's shell step. */
  readonly ulimits: readonly (readonly [flag: string, value: number])[];
  /** Removes the cgroups; call when no process is left in them. */
  release(): void;
}

export const DEFAULT_LIMITS: ResourceLimits = {
  memoryBytes: 4 * 1024 ** 3,
  processes: 256,
  cpuPercent: 400,
  openFiles: 4096,
};

const PERIOD_US = 100_000;

interface Group {
  readonly mechanism: 'cgroup-v2' | 'cgroup-v1';
  readonly resources: readonly LimitedResource[];
  readonly folders: readonly string[];
}

/** @throws {RunnerError} RUNNER_LIMIT_UNAVAILABLE */
export function prepareLimits(
  id: string,
  limits: ResourceLimits,
  host: LimitHost,
  required: readonly LimitedResource[] = [],
): PreparedLimits {
  checkLimits(limits);
  const group = host.privileged ? (createV2(id, limits, host) ?? createV1(id, limits, host)) : null;
  const release = (): void => group?.folders.forEach(removeGroup);
  const enforced = judge(group, host);
  const missing = required.filter((resource) => enforced[resource] === 'none');
  if (missing.length > 0) {
    release();
    throw new RunnerError(
      'RUNNER_LIMIT_UNAVAILABLE',
      `cannot start the sandbox: nothing on this host enforces the required limits ${missing.join(', ')}; run as root or in a delegated cgroup, or do not require them`,
    );
  }
  return {
    enforced,
    joinFiles: (group?.folders ?? []).map((folder) => path.join(folder, 'cgroup.procs')),
    ulimits: ulimits(limits, enforced),
    release,
  };
}

/** Arguments that run `command` under the limits: a shell step that then becomes the command. */
export function limitedCommand(limits: PreparedLimits, command: readonly string[]): string[] {
  const steps = [
    ...limits.ulimits.map(([flag, value]) => `ulimit -${flag} ${value} || exit 125`),
    // The count of join files comes first; each is written and shifted away, the rest is executed.
    'n=$1; shift',
    'while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n - 1)); done',
    'exec "$@"',
  ];
  const { joinFiles } = limits;
  return [
    '/bin/sh',
    '-c',
    steps.join('\n'),
    'limits',
    `${joinFiles.length}`,
    ...joinFiles,
    ...command,
  ];
}

function checkLimits(limits: ResourceLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new RunnerError(
        'RUNNER_PROFILE_INVALID',
        `cannot use the limit ${name}: ${value} is not a positive whole number`,
      );
    }
  }
}

function judge(group: Group | null, host: LimitHost): EnforcedLimits {
  const by = (resource: LimitedResource, otherwise: LimitMechanism): LimitMechanism =>
    group?.resources.includes(resource) === true ? group.mechanism : otherwise;
  return {
    memoryBytes: by('memoryBytes', 'ulimit'),
    processes: by('processes', host.ownUid ? 'ulimit' : 'none'),
    cpuPercent: by('cpuPercent', 'none'),
    openFiles: 'ulimit',
  };
}

function ulimits(limits: ResourceLimits, enforced: EnforcedLimits): [string, number][] {
  return [
    // A core file would carry prompts and weights to the host's disk.
    ['c', 0],
    ['n', limits.openFiles],
    // Data, not address space: V8 and GPU runtimes reserve far more than they use. Kilobytes. Node
    // alone maps over half a GiB of data, so a small limit here keeps it from starting.
    ...(enforced.memoryBytes === 'ulimit'
      ? ([['d', Math.ceil(limits.memoryBytes / 1024)]] as [string, number][])
      : []),
    ...(enforced.processes === 'ulimit' ? ([['u', limits.processes]] as [string, number][]) : []),
  ];
}

/** Null where cgroup v2 does not offer the controllers or may not be written. */
function createV2(id: string, limits: ResourceLimits, host: LimitHost): Group | null {
  const parent = path.join(host.cgroupRoot, 'proofmark');
  const folder = path.join(parent, id);
  try {
    const offered = readFileSync(path.join(host.cgroupRoot, 'cgroup.controllers'), 'utf8').split(
      /\s+/,
    );
    if (!['memory', 'pids', 'cpu'].every((controller) => offered.includes(controller))) return null;
    writeFileSync(path.join(host.cgroupRoot, 'cgroup.subtree_control'), '+memory +pids +cpu');
    mkdirSync(parent, { recursive: true });
    sweepGroups(parent);
    writeFileSync(path.join(parent, 'cgroup.subtree_control'), '+memory +pids +cpu');
    mkdirSync(folder);
    const quota = Math.ceil((limits.cpuPercent * PERIOD_US) / 100);
    writeFileSync(path.join(folder, 'memory.max'), `${limits.memoryBytes}`);
    writeFileSync(path.join(folder, 'pids.max'), `${limits.processes}`);
    writeFileSync(path.join(folder, 'cpu.max'), `${quota} ${PERIOD_US}`);
    return {
      mechanism: 'cgroup-v2',
      resources: ['memoryBytes', 'processes', 'cpuPercent'],
      folders: [folder],
    };
  } catch {
    removeGroup(folder);
    return null;
  }
}

const V1_CONTROLLERS: readonly {
  readonly controller: string;
  readonly resource: LimitedResource;
  readonly settings: (limits: ResourceLimits) => readonly (readonly [string, number])[];
}[] = [
  {
    controller: 'memory',
    resource: 'memoryBytes',
    settings: (limits) => [['memory.limit_in_bytes', limits.memoryBytes]],
  },
  {
    controller: 'pids',
    resource: 'processes',
    settings: (limits) => [['pids.max', limits.processes]],
  },
  {
    controller: 'cpu',
    resource: 'cpuPercent',
    settings: (limits) => [
      ['cpu.cfs_period_us', PERIOD_US],
      ['cpu.cfs_quota_us', Math.ceil((limits.cpuPercent * PERIOD_US) / 100)],
    ],
  },
];

function createV1(id: string, limits: ResourceLimits, host: LimitHost): Group | null {
  const made = V1_CONTROLLERS.flatMap(({ controller, resource, settings }) => {
    const home = path.join(host.cgroupRoot, controller);
    const folder = path.join(home, 'proofmark', id);
    try {
      if (!existsSync(path.join(home, 'cgroup.procs'))) return [];
      mkdirSync(path.dirname(folder), { recursive: true });
      sweepGroups(path.dirname(folder));
      mkdirSync(folder);
      for (const [file, value] of settings(limits)) {
        writeFileSync(path.join(folder, file), `${value}`);
      }
      return [{ resource, folder }];
    } catch {
      // A controller that cannot be set is reported as not enforced, never assumed.
      removeGroup(folder);
      return [];
    }
  });
  if (made.length === 0) return null;
  return {
    mechanism: 'cgroup-v1',
    resources: made.map(({ resource }) => resource),
    folders: made.map(({ folder }) => folder),
  };
}

/** Removes the groups of supervisors that were killed; their names begin with the process id. */
function sweepGroups(parent: string): void {
  for (const entry of readdirSync(parent, { withFileTypes: true })) {
    const pid = Number.parseInt(/^(\d+)-/.exec(entry.name)?.[1] ?? '', 10);
    if (entry.isDirectory() && Number.isInteger(pid) && !processExists(pid)) {
      removeGroup(path.join(parent, entry.name));
    }
  }
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Absent, or a process is still leaving it; an empty group costs nothing and has a unique name.
  }
}
