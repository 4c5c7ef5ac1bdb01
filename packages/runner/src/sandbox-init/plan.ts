/**
 * What the supervisor asks the first process of a sandbox to do, and what it answers.
 *
 * This folder runs inside the sandbox, mounted alone at `/init`: it imports only `node:` builtins and
 * its own files. The supervisor imports the shapes from here so that both sides agree.
 *
 * Protocol on the control descriptor (a socket pair): the init writes one `SelfTestReport` as a line
 * of JSON, then waits for the line `go`. Anything else, or the end of the stream, ends it. The server
 * starts after `go`, without the control descriptor.
 *
 * @module
 */

/** Where the plan is mounted, read-only. */
export const PLAN_PATH = '/run/init/plan.json';
/** Where the assembled system call probe is mounted, executable. */
export const PROBE_PATH = '/run/init/probe';
/** Where the program that notes direct connection attempts is mounted, executable. */
export const WATCHER_PATH = '/run/init/watcher';
/** Where glibc looks for a name service cache, and the writable place that the path leads to. */
export const NAME_SERVICE_LINK = '/var/run/nscd';
export const NAME_SERVICE_FOLDER = '/tmp/.name-service';
export const EGRESS_SOCKET = '/run/egress/egress.sock';
export const SERVER_SOCKET = '/run/model/s.sock';
export const RELAY_PORT = 3128;

export interface SyscallExpectation {
  readonly name: string;
  /** The result that the filter must give: a negative errno. */
  readonly result: number;
}

/** Which requests the bridge lets through to a TCP server; everything else is answered 404. */
export interface BridgeRoute {
  readonly method: string;
  /** Exact path without query. */
  readonly path: string;
}

export type ServerMode =
  /** The server listens on the Unix socket itself and prints its READY line. */
  | { readonly kind: 'direct' }
  /** The server listens on 127.0.0.1; the init bridges the Unix socket to it and prints READY. */
  | {
      readonly kind: 'bridge';
      readonly port: number;
      readonly healthPath: string;
      readonly routes: readonly BridgeRoute[];
    };

export interface InitPlan {
  readonly controlFd: number;
  readonly server: {
    readonly command: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly mode: ServerMode;
    /** Whether the watcher stands above the server; it exists for x86-64. */
    readonly watched: boolean;
  };
  readonly expected: {
    readonly uid: number;
    readonly hostname: string;
    /** Every mount point with the access it must have. */
    readonly mounts: Readonly<Record<string, 'ro' | 'rw'>>;
    readonly environmentNames: readonly string[];
    readonly syscalls: readonly SyscallExpectation[];
  };
  /** The model folder, and whether the init hashes it as seen from inside. */
  readonly model: { readonly folder: string; readonly hash: boolean };
}

export interface CheckResult {
  readonly name: string;
  /** `error`: the check itself could not run, which the supervisor treats as a miss. */
  readonly outcome: 'pass' | 'fail' | 'error';
  readonly detail: string;
}

export interface SelfTestReport {
  readonly version: 1;
  readonly checks: readonly CheckResult[];
}

/** The names that a complete report has, in order; the supervisor accepts no other set. */
export const CHECK_NAMES = [
  'seccomp-filter',
  'no-new-privileges',
  'no-capabilities',
  'sandbox-identity',
  'own-pid-namespace',
  'loopback-only',
  'no-routes',
  'tcp4-unreachable',
  'tcp6-unreachable',
  'metadata-unreachable',
  'udp-unreachable',
  'no-name-resolution',
  'mounts-as-planned',
  'model-not-writable',
  'root-not-writable',
  'egress-socket-fixed',
  'descriptors-as-planned',
  'environment-as-planned',
  'syscalls-refused',
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];
