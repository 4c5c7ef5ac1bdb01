/**
 * Chooses the host identity of a sandbox.
 *
 * As root, `bwrap --uid N` would still run the server as host uid 0, so each sandbox gets a host uid
 * of its own from a reserved range, claimed by an exclusive file; a claim of a dead supervisor is
 * taken over. Unprivileged, every sandbox runs as the supervisor's uid and namespaces alone separate
 * tenants; the identity says which case it is, and the record of the start keeps it.
 *
 * @module
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { RunnerError } from '../errors.ts';

export type SandboxIdentity =
  | { readonly kind: 'own-uid'; readonly uid: number; release(): void }
  | { readonly kind: 'supervisor-uid'; readonly uid: number; release(): void };

export interface UidRange {
  readonly first: number;
  readonly last: number;
}

/** Numbers that Linux distributions leave unassigned between static and dynamic users. */
export const DEFAULT_UID_RANGE: UidRange = { first: 60578, last: 61183 };

/** @throws {RunnerError} RUNNER_SANDBOX_UNAVAILABLE when every uid of the range is in use. */
export function claimIdentity(
  claimsFolder: string,
  range: UidRange = DEFAULT_UID_RANGE,
): SandboxIdentity {
  const own = process.getuid?.() ?? 0;
  if (own !== 0) return { kind: 'supervisor-uid', uid: own, release: () => undefined };
  mkdirSync(claimsFolder, { recursive: true, mode: 0o700 });
  for (let uid = range.first; uid <= range.last; uid += 1) {
    const claim = path.join(claimsFolder, `${uid}`);
    if (tryClaim(claim)) {
      return { kind: 'own-uid', uid, release: () => rmSync(claim, { force: true }) };
    }
  }
  throw new RunnerError(
    'RUNNER_SANDBOX_UNAVAILABLE',
    `cannot start another sandbox: all ${range.last - range.first + 1} sandbox uids are in use; stop one first`,
  );
}

function tryClaim(claim: string): boolean {
  for (const attempt of [1, 2]) {
    try {
      writeFileSync(claim, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return true;
    } catch {
      if (attempt === 2 || holderIsAlive(claim)) return false;
      rmSync(claim, { force: true });
    }
  }
  return false;
}

function holderIsAlive(claim: string): boolean {
  try {
    const pid = Number.parseInt(readFileSync(claim, 'utf8'), 10);
    return processExists(pid);
  } catch {
    return false;
  }
}

/** Whether a process with this id exists, whoever owns it. */
export function processExists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
