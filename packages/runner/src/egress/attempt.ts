/**
 * One attempt of a sandboxed model to reach outside, as it is recorded and alerted.
 *
 * Every attempt becomes exactly one record, allowed or denied. It names who tried (the socket a
 * request came through identifies the sandbox, nothing that the sandbox says) and what it wanted.
 *
 * @module
 */

/** Whose sandbox this is. Set by the supervisor, never read from a request. */
export interface EgressSubject {
  readonly tenant: string;
  readonly model: string;
  readonly version: string;
  readonly manifestDigest: string;
}

export type EgressRuleName =
  /** No allow rule names this host and port. */
  | 'not-allowed'
  /** The destination is not `host:port` in plain form. */
  | 'bad-authority'
  /** The destination is an address that no rule names exactly. */
  | 'ip-literal'
  /** The allowed name resolves to a private, local or metadata address. */
  | 'resolved-private'
  | 'not-resolved'
  /** Plain HTTP through the proxy is never allowed. */
  | 'plain-http'
  | 'bad-request'
  /** The tunnel does not start with a TLS ClientHello. */
  | 'not-tls'
  | 'sni-missing'
  | 'sni-mismatch'
  /** Encrypted Client Hello would hide the name that the rule allows. */
  | 'ech'
  /** The allowed destination did not accept a connection. */
  | 'unreachable'
  /** An attempt around the proxy, which the kernel refused. */
  | 'direct'
  | 'allowed';

export interface EgressAttempt extends EgressSubject {
  readonly outcome: 'allowed' | 'denied';
  readonly rule: EgressRuleName;
  /**
   * `host:port` as requested, bounded and escaped; a name alone for a lookup; null for a direct
   * attempt that the kernel counted and nothing inside named.
   */
  readonly destination: string | null;
  /** How many attempts this record stands for: 1 except for direct ones, which are counted. */
  readonly count: number;
  readonly atMs: number;
}
