/**
 * Decides which file descriptors a sandboxed process starts with, and that there are no others.
 *
 * Why this is code: Node marks only its inherited descriptors 0 to 15 close-on-exec. A higher one
 * that its parent left open reaches every child, through bubblewrap into the sandbox, and
 * `stdio: 'ignore'` does not close it. Each such leak is overlaid with `/dev/null` here.
 *
 * @module
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** `'pipe'` is a socket pair whose parent end is `child.stdio[n]`; a number is a parent's fd. */
export type StdioEntry = 'ignore' | 'pipe' | number;

const CLOSE_ON_EXEC = 0o2000000;

/** Numbers descriptors for one child. Add everything first, then call `stdio()` right before spawn. */
export class DescriptorTable {
  readonly #entries: StdioEntry[] = ['ignore', 'pipe', 'pipe'];

  /** The number under which the child will see `entry`. */
  add(entry: Exclude<StdioEntry, 'ignore'>): number {
    this.#entries.push(entry);
    return this.#entries.length - 1;
  }

  /** What `spawn` takes, with every leaked descriptor replaced by `nullFd`. */
  stdio(leaked: readonly number[], nullFd: number): StdioEntry[] {
    const entries = [...this.#entries];
    for (const fd of leaked) {
      if (fd < this.#entries.length) continue;
      while (entries.length < fd) entries.push('ignore');
      entries[fd] = nullFd;
    }
    return entries;
  }
}

/** Descriptors of this process above 2 that a child would inherit. */
export function leakedDescriptors(): readonly number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd > 2 && survivesExec(fd))
    .toSorted((a, b) => a - b);
}

function survivesExec(fd: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
    const flags = /^flags:\s*([0-7]+)$/m.exec(info)?.[1];
    if (flags === undefined) return true;
    // An overlay of an earlier start is harmless where it points.
    if (readlinkSync(`/proc/self/fd/${fd}`) === '/dev/null') return false;
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // The descriptor of the directory listing itself is gone by now.
    return false;
  }
}
