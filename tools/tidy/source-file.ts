/**
 * A file as the rules see it.
 *
 * @module
 */

export interface SourceFile {
  /** Relative to the repository root, with '/'. */
  readonly path: string;
  readonly text: string;
}

/** The package that a path belongs to, or null outside `packages/`. */
export function packageOf(path: string): string | null {
  return /^packages\/([^/]+)\//.exec(path)?.[1] ?? null;
}
