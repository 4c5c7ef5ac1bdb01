/**
 * Notices attempts to reach the network around the proxy.
 *
 * Such an attempt fails in the kernel (no route) and its destination is not observable from outside
 * without weakening the sandbox. It is countable: the network namespace counts packets and
 * connections for which it found no route. So the record is honest and partial: that it happened,
 * how often, by which model; not where to.
 *
 * @module
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/**
 * The process in the sandbox's network namespace, found below `rootPid`, or null while there is none.
 * As root a stage process stands between; it still shares the host's namespace.
 */
export function findNetworkProcess(rootPid: number): number | null {
  const own = namespaceOf('self');
  const pending = [rootPid];
  // The tree is bubblewrap's own few processes above the init; the bound is against a hostile tree.
  for (let steps = 0; steps < 16 && pending.length > 0; steps += 1) {
    const pid = pending.shift() ?? 0;
    const namespace = namespaceOf(`${pid}`);
    if (namespace !== null && namespace !== own) return pid;
    pending.push(...childrenOf(pid));
  }
  return null;
}

/** Connections and datagrams without a route since the namespace began; null when unreadable. */
export function countUnroutable(pid: number): number | null {
  try {
    const v4 = readCounter(readFileSync(`/proc/${pid}/net/snmp`, 'utf8'));
    const v6 = readCounterV6(pid);
    return v4 === null ? null : v4 + v6;
  } catch {
    return null;
  }
}

/** `Ip: <names>` and `Ip: <values>` on two lines. */
function readCounter(text: string): number | null {
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Ip: '));
  const column = names?.split(' ').indexOf('OutNoRoutes') ?? -1;
  const value = Number(values?.split(' ')[column]);
  return column > 0 && Number.isSafeInteger(value) ? value : null;
}

function readCounterV6(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/net/snmp6`, 'utf8');
    return Number(/^Ip6OutNoRoutes\s+(\d+)$/m.exec(text)?.[1] ?? 0);
  } catch {
    // A kernel without IPv6 has no such file, and nothing to count.
    return 0;
  }
}

function namespaceOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter((text) => text.trim() !== '')
        .map(Number),
    );
  } catch {
    return [];
  }
}
