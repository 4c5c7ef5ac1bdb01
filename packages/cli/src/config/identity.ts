/**
 * The part of `proofmark.yaml` that says who people are, whom to believe about it, and what they may.
 *
 * @module
 */
import { z } from 'zod';

import { RegistryError, createPeople, readGrant } from '@proofmark/registry';
import type { People } from '@proofmark/registry';
import { ID_TOKEN_ALGORITHMS, isSecure } from '@proofmark/server/identity';
import type { IdentityProvider } from '@proofmark/server';

const providerId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'use lower-case letters, digits and "-", at most 32');
const personName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/, 'use letters, digits and "._@+-", at most 64');
const text = z.string().min(1).max(255);

const person = z
  .strictObject({
    logins: z.array(text).max(16).default([]).describe('Login names on this machine.'),
    subjects: z
      .array(z.strictObject({ provider: providerId, subject: text }))
      .max(16)
      .default([])
      .describe('Who they are at an identity provider: its "sub", never an address.'),
    signs: z
      .array(text)
      .max(16)
      .default([])
      .describe('Subjects of certificates and keyless signatures that are theirs.'),
  })
  .describe('The other names of one person, who writes, approves and counts as one.');

const rule = z
  .strictObject({
    when: z
      .record(z.string().min(1).max(128), text)
      .refine((claims) => Object.keys(claims).length > 0, 'name at least one claim')
      .describe('Claims that must all hold; of a list, one item. "email" needs email_verified.'),
    role: z.enum(['viewer', 'developer', 'approver', 'operator', 'auditor']),
    scope: z
      .array(z.string().regex(/^(environment:[a-z0-9._/-]+|model:[a-z0-9._-]+)$/))
      .max(32)
      .default([])
      .describe('environment:NAME, environment:NAME/ALIAS or model:NAME; empty: everywhere.'),
  })
  .describe('A role for whoever has these claims.');

const provider = z
  .strictObject({
    id: providerId.describe('Stands in the names of its subjects; never reuse it for another.'),
    issuer: z
      .string()
      .max(512)
      .refine(isSecure, 'an https address was expected (http only on this machine)')
      .describe('Exactly as in "iss".'),
    audience: text.describe('What "aud" must hold: the client id, for people.'),
    kind: z
      .enum(['person', 'workload'])
      .default('person')
      .describe('A person logs in; a workload brings a token of its platform.'),
    device: z
      .boolean()
      .default(false)
      .describe('Whether people may log in by a code on another device; its tokens have no nonce.'),
    algorithms: z
      .array(z.enum(ID_TOKEN_ALGORITHMS))
      .min(1)
      .max(ID_TOKEN_ALGORITHMS.length)
      .default(['RS256', 'PS256', 'ES256', 'EdDSA']),
    clockSkewSeconds: z.int().min(0).max(300).default(60),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/))
      .max(16)
      .default(['openid', 'email'])
      .describe('What a login asks for.'),
    rules: z.array(rule).max(256).describe('Every rule that holds gives its role.'),
  })
  .describe('An OpenID Connect provider.');

export const identityDocument = z
  .strictObject({
    people: z.record(personName, person).default({}),
    providers: z.array(provider).max(16).default([]),
    sessionMinutes: z
      .int()
      .min(5)
      .max(720)
      .default(60)
      .describe('How long a login lasts; roles are looked at again at the next.'),
  })
  .describe('People, identity providers, roles.');

export interface Identity {
  readonly people: People;
  readonly providers: readonly IdentityProvider[];
  readonly sessionMs: number;
}

/** @returns The identity, or what is wrong with the document. */
export function resolveIdentity(
  document: z.output<typeof identityDocument>,
): Identity | { readonly problem: string } {
  const ids = document.providers.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) return { problem: `provider "${twice}" is defined twice` };
  const persons = Object.entries(document.people).map(([name, known]) => ({ name, ...known }));
  const strange = persons
    .flatMap(({ subjects }) => subjects)
    .find(({ provider: id }) => !ids.includes(id));
  if (strange !== undefined) return { problem: `provider "${strange.provider}" does not exist` };
  const people = createPeople(persons);
  if ('twice' in people) return { problem: `"${people.twice}" is the name of two people` };
  try {
    const providers = document.providers.map(readProvider);
    return { people, providers, sessionMs: document.sessionMinutes * 60_000 };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { problem: error.message };
  }
}

/** @throws {RegistryError} REGISTRY_GRANT_INVALID */
function readProvider({ rules, ...facts }: z.output<typeof provider>): IdentityProvider {
  return {
    ...facts,
    rules: rules.map(({ when, role, scope }) => ({
      when: new Map(Object.entries(when)),
      grant: readGrant(role, scope),
    })),
  };
}
