/**
 * Serves verified files from a sandbox: socket, egress record, integrity watch, clean end.
 *
 * This is `launch` without the question whether the model may run here. It is not exported from the
 * package: `launch`, which takes an `AdmittedModel`, and `launchCandidate`, whose result no route can
 * use, are the only callers.
 *
 * @module
 */
import type { Socket } from 'node:net';
import path from 'node:path';

import type { Clock } from '@proofmark/core';

import { connectSandboxSocket } from './connect.ts';
import { countUnroutable, findNetworkProcess } from './egress/direct-attempts.ts';
import { DirectWatch } from './egress/direct-watch.ts';
import { EgressLedger } from './egress/ledger.ts';
import type { EgressListener } from './egress/ledger.ts';
import { startEgressProxy } from './egress/proxy.ts';
import type { EgressOptions, EgressProxy } from './egress/proxy.ts';
import type { EgressSubject } from './egress/attempt.ts';
import type { EgressRule } from './egress/rules.ts';
import { RunnerError } from './errors.ts';
import { assertNoDrift, driftError, watchIntegrity } from './integrity.ts';
import type { WatchedFile } from './integrity.ts';
import type { ServerProfile } from './sandbox/layout.ts';
import { DEFAULT_LIMITS } from './sandbox/limits.ts';
import type { EnforcedLimits, LimitedResource, ResourceLimits } from './sandbox/limits.ts';
import { probeSandbox } from './sandbox/probe.ts';
import type { SandboxSupport } from './sandbox/probe.ts';
import { createRunFolder } from './sandbox/run-folder.ts';
import type { RunFolder } from './sandbox/run-folder.ts';
import { startSandbox } from './sandbox/start.ts';
import type { RunningSandbox, SandboxExit } from './sandbox/start.ts';
import { SERVER_SOCKET } from './sandbox-init/plan.ts';
import type { SelfTestReport } from './sandbox-init/plan.ts';

export interface ServeOptions {
  /** The tenant this sandbox belongs to; it labels every egress record. */
  readonly tenant: string;
  /**
   * A folder for sockets and claims, made 0700. One machine and one pid namespace per folder: what a
   * dead process left in it is swept.
   */
  readonly runRoot: string;
  readonly server: ServerProfile;
  readonly clock: Clock;
  /** A `probeSandbox()` of this process, to probe once for many launches. */
  readonly support?: SandboxSupport;
  readonly limits?: Partial<ResourceLimits>;
  /** Limits that must be enforced, else the start is refused. */
  readonly requiredLimits?: readonly LimitedResource[];
  /** Default 60 s; large models need more. */
  readonly startTimeoutMs?: number;
  /** Destinations that the model may reach; none unless listed. */
  readonly egressRules?: readonly EgressRule[];
  readonly resolve?: EgressOptions['resolve'];
  /** How often the sealed files are compared with what was verified. Default 10 s. */
  readonly integrityIntervalMs?: number;
  /** How often attempts around the proxy are counted. Default 1 s. */
  readonly directCheckIntervalMs?: number;
}

export interface VerifiedFile extends WatchedFile {
  readonly sha256: string;
}

export interface ServingExit extends SandboxExit {
  readonly reason: 'stopped' | 'integrity-drift' | 'server-ended';
  /** The changed file, when that is the reason. */
  readonly error: RunnerError | null;
}

export interface ServingModel {
  readonly tenant: string;
  readonly model: Omit<EgressSubject, 'tenant' | 'model'> & { readonly name: string };
  readonly pid: number;
  readonly startedAtMs: number;
  /** Start to READY, milliseconds. */
  readonly startMs: number;
  readonly selfTest: SelfTestReport;
  readonly enforcedLimits: EnforcedLimits;
  /** Whether the sandbox has a host uid of its own, and which bubblewrap made it. */
  readonly isolation: { readonly identity: 'own-uid' | 'supervisor-uid'; readonly version: string };
  /** A new connection to the model server. @throws {RunnerError} RUNNER_SOCKET_REFUSED */
  connect(): Promise<Socket>;
  /** For another process of the same user, through `connectSandboxSocket(path, ownerUid)`. */
  readonly socket: { readonly path: string; readonly ownerUid: number };
  /** Every attempt to reach outside, past ones included. Returns a function that ends it. */
  onEgress(listener: EgressListener): () => void;
  /** Ends every process and removes every trace on the host. May be called twice. */
  stop(): Promise<void>;
  /** Settles when the sandbox is gone and cleaned up, whatever the reason. */
  readonly exited: Promise<ServingExit>;
  /** Last output of the server, which may hold prompts: for a person who asked, never for a log. */
  outputTail(): string;
}

const START_MS = 60_000;
const INTEGRITY_MS = 10_000;
const DIRECT_MS = 1_000;

/** @throws {RunnerError} whatever kept the model from being served; nothing is left running. */
export async function serve(
  subject: EgressSubject,
  files: readonly VerifiedFile[],
  options: ServeOptions,
): Promise<ServingModel> {
  const support = options.support ?? (await probeSandbox());
  const startedAtMs = options.clock();
  const began = performance.now();
  const ledger = new EgressLedger();
  const folder = createRunFolder(options.runRoot);
  let proxy: EgressProxy | null = null;
  let sandbox: RunningSandbox | null = null;
  try {
    proxy = await startEgressProxy(folder.outFolder, {
      subject,
      rules: options.egressRules ?? [],
      clock: options.clock,
      onAttempt: (attempt) => ledger.record(attempt),
      ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
    });
    let networkPid: number | null = null;
    const direct = new DirectWatch(subject, ledger, {
      count: () => (networkPid === null ? null : countUnroutable(networkPid)),
      clock: options.clock,
      intervalMs: options.directCheckIntervalMs ?? DIRECT_MS,
    });
    sandbox = await startSandbox({
      support,
      folder,
      files,
      server: options.server,
      initFolder: path.join(import.meta.dirname, 'sandbox-init'),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      requiredLimits: options.requiredLimits ?? [],
      startTimeoutMs: options.startTimeoutMs ?? START_MS,
      beforeServer(firstPid) {
        networkPid = findNetworkProcess(firstPid);
        direct.start();
      },
    });
    assertLoaded(sandbox.modelFiles, files);
    assertNoDrift(files);
    const startMs = performance.now() - began;
    const parts = { subject, files, options, folder, proxy, sandbox, ledger, direct };
    return describe(parts, { startedAtMs, startMs, version: support.version });
  } catch (cause) {
    await sandbox?.kill();
    await proxy?.close();
    folder.release();
    throw cause;
  }
}

interface Parts {
  readonly subject: EgressSubject;
  readonly files: readonly VerifiedFile[];
  readonly options: ServeOptions;
  readonly folder: RunFolder;
  readonly proxy: EgressProxy;
  readonly sandbox: RunningSandbox;
  readonly ledger: EgressLedger;
  readonly direct: DirectWatch;
}

function describe(
  parts: Parts,
  facts: { readonly startedAtMs: number; readonly startMs: number; readonly version: string },
): ServingModel {
  const { subject, folder, sandbox, ledger } = parts;
  const end = watchUntilEnd(parts);
  const socketPath = path.join(folder.inFolder, path.basename(SERVER_SOCKET));
  const { uid } = folder.identity;
  const { tenant, model: name, version, manifestDigest } = subject;
  return Object.freeze({
    tenant,
    model: { name, version, manifestDigest },
    pid: sandbox.pid,
    startedAtMs: facts.startedAtMs,
    startMs: facts.startMs,
    selfTest: sandbox.report,
    enforcedLimits: sandbox.enforced,
    isolation: { identity: folder.identity.kind, version: facts.version },
    connect: () => connectSandboxSocket(socketPath, uid),
    socket: { path: socketPath, ownerUid: uid },
    onEgress: (listener: EgressListener) => ledger.listen(listener),
    stop: end.stop,
    exited: end.exited,
    outputTail: () => sandbox.outputTail(),
  });
}

/** Watches the sealed files, and cleans up exactly once when the sandbox ends for any reason. */
function watchUntilEnd({ files, options, folder, proxy, sandbox, direct }: Parts): {
  readonly stop: () => Promise<void>;
  readonly exited: Promise<ServingExit>;
} {
  let reason: ServingExit['reason'] = 'server-ended';
  let error: RunnerError | null = null;
  const interval = options.integrityIntervalMs ?? INTEGRITY_MS;
  const watch = watchIntegrity(files, interval, (file) => {
    reason = 'integrity-drift';
    error = driftError(file);
    void sandbox.kill();
  });
  const exited = sandbox.exited.then(async (exit): Promise<ServingExit> => {
    watch.stop();
    direct.stop();
    await proxy.close();
    folder.release();
    return { ...exit, reason, error };
  });
  const stop = async (): Promise<void> => {
    if (reason === 'server-ended') reason = 'stopped';
    // The counter dies with the sandbox.
    await direct.finish();
    await sandbox.kill();
    await exited;
  };
  return { stop, exited };
}

/** What the server loaded must be the manifest, exactly: no file more, none less, no other bytes. */
function assertLoaded(
  loaded: Readonly<Record<string, string>>,
  files: readonly VerifiedFile[],
): void {
  const wrong =
    files.find((file) => loaded[file.path] !== file.sha256)?.path ??
    Object.keys(loaded).find((name) => !files.some((file) => file.path === name));
  if (wrong === undefined) return;
  throw new RunnerError(
    'RUNNER_MODEL_MISMATCH',
    `cannot serve the model: the server inside the sandbox read "${wrong}" with other bytes than the manifest lists, or did not read it; use a server that loads exactly the model folder`,
    { details: { path: wrong } },
  );
}
