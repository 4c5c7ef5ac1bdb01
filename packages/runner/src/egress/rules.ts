/**
 * The allow rules of one sandbox. No rule, no way out.
 *
 * @module
 */
import { isIP } from 'node:net';

import { excerpt } from '@proofmark/core';

import { RunnerError } from '../errors.ts';
import { readAuthority } from './authority.ts';
import type { Authority } from './authority.ts';

export interface EgressRule {
  /** An exact host name, or an exact IP address. No wildcards: a suffix is somebody else's host. */
  readonly host: string;
  readonly port: number;
  /**
   * When present, only these addresses are dialled and the name is not resolved. The one way to
   * allow a private address: for an endpoint inside the operator's own network.
   */
  readonly addresses?: readonly string[];
}

const MAX_RULES = 256;

/** Checks and canonicalises rules. @throws {RunnerError} RUNNER_EGRESS_RULE_INVALID */
export function compileRules(rules: readonly EgressRule[]): readonly EgressRule[] {
  if (rules.length > MAX_RULES) throw refuse(`more than ${MAX_RULES} rules`);
  return rules.map((rule) => {
    const bracketed = isIP(rule.host) === 6 ? `[${rule.host}]` : rule.host;
    const authority = readAuthority(`${bracketed}:${rule.port}`);
    if (authority.kind === 'bad') throw refuse(`"${excerpt(rule.host)}:${rule.port}"`);
    for (const address of rule.addresses ?? []) {
      if (isIP(address) === 0) throw refuse(`"${excerpt(address)}" is not an IP address`);
    }
    return Object.freeze({ ...rule, host: authority.host });
  });
}

/** The rule that allows this destination, or null. */
export function findRule(rules: readonly EgressRule[], authority: Authority): EgressRule | null {
  if (authority.kind === 'bad') return null;
  return rules.find((rule) => rule.host === authority.host && rule.port === authority.port) ?? null;
}

function refuse(what: string): RunnerError {
  return new RunnerError(
    'RUNNER_EGRESS_RULE_INVALID',
    `cannot use the egress rules: ${what}; a rule is an exact host name or address with a port`,
  );
}
