/**
 * Names of half-written files, so that the next process can tell whose were left by a dead one.
 *
 * A name begins with the process id and, where the kernel tells it, the time that process started:
 * a process id alone comes back, and in a container it is the same every time. One store belongs to
 * one host and one process namespace; if another namespace cleans a live draft away, its ingest
 * fails and nothing wrong is sealed.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const own = `${process.pid}-${startTime('self') ?? 'x'}`;

/** A name that no other draft has. */
export function draftName(): string {
  return `${own}-${randomBytes(8).toString('hex')}`;
}

/** Whether the process that made the draft has ended. Names of another form are nobody's. */
export function isOrphan(name: string): boolean {
  if (name.startsWith(`${own}-`)) return false;
  const [pid = '', started = ''] = name.split('-');
  if (!/^[1-9]\d{0,9}$/.test(pid) || !isAlive(Number(pid))) return true;
  const now = startTime(pid);
  return now !== null && now !== started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Clock ticks from boot to the start of a process: field 22 of proc(5) stat, after the name.
 * A process that was killed and that nobody has waited for, as in a container without an init, has
 * ended: its start is that of no process.
 */
function startTime(pid: string): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : (fields[19] ?? null);
  } catch {
    return null; // no such file system here: the process id has to do
  }
}
