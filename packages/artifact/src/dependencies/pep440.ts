/**
 * Order of Python versions (PEP 440), which PyPI packages and OSV ECOSYSTEM ranges use.
 *
 * @module
 */

/** A parsed version; compare with `comparePep440` only. */
export interface PythonVersion {
  readonly epoch: bigint;
  /** Without trailing zeros: 1.0 and 1 are the same release. */
  readonly release: readonly bigint[];
  /** Rank and number of a pre-release; a plain release ranks above. */
  readonly pre: readonly [rank: number, number: bigint];
  /** -1 without one. */
  readonly post: bigint;
  /** Absent ranks above any. */
  readonly dev: bigint | null;
  readonly local: readonly string[];
}

const VERSION =
  /^v?(?:(?<epoch>\d{1,9})!)?(?<release>\d{1,18}(?:\.\d{1,18}){0,15})(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d{1,18})?)?(?:-(?<implicit>\d{1,18})|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d{1,18})?)?(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d{1,18})?)?(?:\+(?<local>[a-z0-9]{1,64}(?:[-_.][a-z0-9]{1,64}){0,15}))?$/;
const PRE_RANK: Readonly<Record<string, number>> = { a: 1, alpha: 1, b: 2, beta: 2 };
const RELEASE_CANDIDATE = 3;
const NO_PRE = 4;
/** A bare `.devN` comes before every pre-release of the same version. */
const DEV_ONLY = 0;

/** Parses a version, or returns null when it is none. */
export function parsePep440(text: string): PythonVersion | null {
  const groups = VERSION.exec(text.trim().toLowerCase())?.groups;
  if (groups === undefined) return null;
  const { epoch = '0', release = '0', local = '' } = groups;
  const post = postOf(groups);
  return {
    epoch: BigInt(epoch),
    release: withoutTrailingZeros(release.split('.').map(BigInt)),
    pre: preOf(groups, post),
    post,
    dev: groups['dev'] === undefined ? null : BigInt(groups['devNumber'] ?? 0),
    local: local === '' ? [] : local.split(/[-_.]/),
  };
}

type Groups = Readonly<Record<string, string | undefined>>;

function preOf({ pre, preNumber = '0', dev }: Groups, post: bigint): PythonVersion['pre'] {
  if (pre !== undefined) return [PRE_RANK[pre] ?? RELEASE_CANDIDATE, BigInt(preNumber)];
  return [dev !== undefined && post < 0n ? DEV_ONLY : NO_PRE, 0n];
}

function postOf(groups: Groups): bigint {
  const { implicit, post, postNumber = '0' } = groups;
  if (implicit !== undefined) return BigInt(implicit);
  return post === undefined ? -1n : BigInt(postNumber);
}

function withoutTrailingZeros(release: bigint[]): bigint[] {
  while (release.length > 1 && release.at(-1) === 0n) release.pop();
  return release;
}

/** Negative, zero or positive, as `a` comes before, with or after `b`. */
export function comparePep440(a: PythonVersion, b: PythonVersion): number {
  return (
    order(a.epoch, b.epoch) ||
    compareLists(a.release, b.release) ||
    order(a.pre[0], b.pre[0]) ||
    order(a.pre[1], b.pre[1]) ||
    order(a.post, b.post) ||
    compareDev(a.dev, b.dev) ||
    compareLocal(a.local, b.local)
  );
}

function compareLists(a: readonly bigint[], b: readonly bigint[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = order(a[i] ?? 0n, b[i] ?? 0n);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareDev(a: bigint | null, b: bigint | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return order(a, b);
}

/** Segment by segment: numbers above words, more segments above fewer. */
function compareLocal(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const [left, right] = [a[i], b[i]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const [numeric, other] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (numeric !== other) return numeric ? 1 : -1;
    const difference = numeric ? order(BigInt(left), BigInt(right)) : order(left, right);
    if (difference !== 0) return difference;
  }
  return 0;
}

function order<T extends bigint | number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
