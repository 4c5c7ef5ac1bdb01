/**
 * Keeps what the last prompts left behind, so that a request with the same beginning (most often the
 * same system message) does not compute it again.
 *
 * What is kept is exact: tokens decide, and reading a prefix again would give the same bits. At most
 * `MAX_KEPT` sequences are kept, of different beginnings; a newer one replaces its own kind, else the
 * oldest. They make room when sessions run out.
 *
 * Security: how long an answer takes tells whether its beginning was read before. Between tenants
 * that would be a side channel. A sandbox belongs to one tenant and one model, which is why this is
 * allowed here; it must not move to where tenants meet.
 *
 * @module
 */
import type { Llama } from './llama.ts';
import type { Session } from './token-engine.ts';

export interface PrefixCache {
  /**
   * A session that has read as much of `prompt` as is known, at most all but its last token.
   *
   * @throws {ServeError} overloaded
   */
  begin(prompt: readonly number[]): Session;
  /** Takes a session of `begin` back; the caller must not use it afterwards. */
  end(session: Session): void;
}

const MAX_KEPT = 2;
/** Sequences that share less than this are of different beginnings; copying would not pay. */
const MIN_SHARED = 16;

export function createPrefixCache(llama: Llama): PrefixCache {
  /** Oldest first. */
  let kept: readonly Session[] = [];
  const drop = (session: Session): void => {
    kept = kept.filter((other) => other !== session);
    llama.release(session);
  };
  const closest = (tokens: readonly number[]): { session: Session; shared: number } | null => {
    const known = kept.map((session) => ({
      session,
      shared: sharedPrefix(session.tokens, tokens),
    }));
    const best = known.toSorted((a, b) => b.shared - a.shared)[0];
    return best !== undefined && best.shared >= MIN_SHARED ? best : null;
  };
  return {
    begin(prompt) {
      const [oldest] = kept;
      if (llama.freeSessions === 0 && oldest !== undefined) drop(oldest);
      const best = closest(prompt.slice(0, -1));
      return best === null ? llama.session() : llama.fork(best.session, best.shared);
    },
    end(session) {
      if (session.tokens.length < MIN_SHARED) {
        llama.release(session);
        return;
      }
      const [oldest] = kept;
      const replaced =
        closest(session.tokens)?.session ?? (kept.length < MAX_KEPT ? undefined : oldest);
      if (replaced !== undefined) drop(replaced);
      kept = [...kept, session];
    },
  };
}

function sharedPrefix(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) if (a[i] !== b[i]) return i;
  return length;
}
