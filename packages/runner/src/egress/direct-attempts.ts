/**
 * Notices attempts to reach the network around the proxy.
 *
 * Such an attempt fails in the kernel (no route), and the network namespace counts it: packets and
 * connections without a route, datagrams to a closed port of the loopback (a name lookup without a
 * name server). The count comes from outside and cannot be talked away. Where to is told from inside,
 * by the watcher above the server; what nobody named is recorded with an unknown destination.
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

/** Refused connections and datagrams since the namespace began; null when unreadable. */
export function countUnroutable(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/net/snmp`, 'utf8');
    const routes = readCounter(text, 'Ip', 'OutNoRoutes');
    if (routes === null) return null;
    return routes + (readCounter(text, 'Udp', 'NoPorts') ?? 0) + readCounterV6(pid);
  } catch {
    return null;
  }
}

/** `Ip: <names>` and `Ip: <values>` on two lines. */
function readCounter(text: string, group: string, name: string): number | null {
  const [names, values] = text.split('\n').filter((line) => line.startsWith(`${group}: `));
  const column = names?.split(' ').indexOf(name) ?? -1;
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
