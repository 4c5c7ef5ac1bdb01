/**
 * Who asks: bearer tokens, known by their hash.
 *
 * The configuration holds SHA-256 digests of random tokens of at least 128 bits, never tokens.
 * Every configured token is compared, in constant time, so that the time of an answer says nothing
 * about which token was nearly right.
 *
 * @module
 */
import { equalSecrets, sha256 } from '@proofmark/core';

import { ServerError } from '../errors.ts';

/** `viewer` reads; `developer` and `approver` attach evidence too; `operator` also moves aliases. */
export type Role = 'viewer' | 'developer' | 'approver' | 'operator';

export type Permission = 'read' | 'attach' | 'move';

export interface TokenHash {
  /** Named in every write that the token makes. */
  readonly actor: string;
  readonly role: Role;
  /** SHA-256 of the token, lowercase hex. Enough for random tokens, not for what a person chose. */
  readonly sha256: string;
}

export interface Caller {
  readonly actor: string;
  readonly role: Role;
}

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['read'],
  developer: ['read', 'attach'],
  approver: ['read', 'attach'],
  operator: ['read', 'attach', 'move'],
};

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i;

/** @throws {ServerError} SERVER_UNAUTHORIZED */
export function authenticate(header: string | undefined, tokens: readonly TokenHash[]): Caller {
  const token = BEARER.exec(header ?? '')?.[1];
  const digest = sha256(token ?? '');
  let caller: Caller | null = null;
  for (const known of tokens) {
    const matches = equalSecrets(digest, Buffer.from(known.sha256, 'hex'));
    if (matches && token !== undefined) caller = { actor: known.actor, role: known.role };
  }
  if (caller !== null) return caller;
  throw new ServerError(
    'SERVER_UNAUTHORIZED',
    `cannot answer: the request carries ${token === undefined ? 'no bearer token' : 'a token that is not known'}`,
  );
}

/** @throws {ServerError} SERVER_FORBIDDEN */
export function authorize(caller: Caller, permission: Permission): void {
  if (PERMISSIONS[caller.role].includes(permission)) return;
  throw new ServerError(
    'SERVER_FORBIDDEN',
    `cannot do this as ${caller.actor}: the role ${caller.role} may ${PERMISSIONS[caller.role].join(' and ')} only`,
  );
}
