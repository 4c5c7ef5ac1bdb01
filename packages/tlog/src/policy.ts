/**
 * Trust policies: which logs and how many of which witnesses make a checkpoint believable
 * (c2sp.org/tlog-policy).
 *
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> all|any|<k> <member>...
 *     quorum <name>|none
 *
 * The file is octets: names are compared byte by byte. A member stands in at most one group, so a
 * witness counts once. Everything that does not parse is refused; nothing is guessed.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import type { Checkpoint } from './checkpoint.ts';
import { openCheckpoint } from './checkpoint.ts';
import { cosignatureTime, cosignatureVerifier } from './cosignature.ts';
import { TlogError } from './errors.ts';
import { ED25519, parseVkey, samePublicKey } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import { parseNote, verifyNote } from './note.ts';

export interface PolicyLog {
  readonly key: NoteKey;
  readonly url: string | null;
}

export interface PolicyWitness {
  /** The name in the policy file, as Latin-1 text of its octets; not the key name. */
  readonly name: string;
  readonly key: NoteKey;
  readonly url: string | null;
}

/** A rule that is met by a set of cosigning witnesses. */
export type Quorum =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly name: string }
  | { readonly kind: 'group'; readonly threshold: number; readonly members: readonly Quorum[] };

export interface TlogPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Quorum;
}

/** A cosignature that verified. */
export interface Cosignature {
  /** Name of the witness in the policy. */
  readonly witness: string;
  /** POSIX seconds at which the witness saw the tree. */
  readonly timeSeconds: number;
}

/** A checkpoint that satisfies a policy, and the cosignatures that count. */
export interface TrustedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly cosignatures: readonly Cosignature[];
}

const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_DEFINITIONS = 1024;
const FORBIDDEN = /[^\t\n\x20-\x7e\x80-\xff]/;

/** Reads a policy file. @throws {TlogError} TLOG_POLICY_INVALID, with `details.line` */
export function parsePolicy(bytes: Uint8Array | string): TlogPolicy {
  const octets = Buffer.from(bytes);
  if (octets.length > MAX_POLICY_BYTES) throw refuse(0, `it is over ${MAX_POLICY_BYTES} bytes`);
  const text = octets.toString('latin1');
  const reader = new PolicyReader();
  for (const [at, line] of text.split('\n').entries()) {
    if (FORBIDDEN.test(line)) throw refuse(at + 1, 'it has a control character');
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [first] = words;
    if (first !== undefined && !first.startsWith('#')) reader.line(at + 1, words);
  }
  return reader.policy();
}

/** The policy that trusts one log and asks for no witness. */
export function singleLogPolicy(key: NoteKey): TlogPolicy {
  return { logs: [{ key, url: null }], witnesses: [], quorum: { kind: 'none' } };
}

/** Whether the witnesses that cosigned, by policy name, are enough. */
export function isQuorum(quorum: Quorum, cosigned: ReadonlySet<string>): boolean {
  switch (quorum.kind) {
    case 'none':
      return true;
    case 'witness':
      return cosigned.has(quorum.name);
    case 'group':
      return quorum.members.filter((m) => isQuorum(m, cosigned)).length >= quorum.threshold;
  }
}

/**
 * Verifies a checkpoint under a policy: log signature, every cosignature of a known witness, quorum.
 *
 * @throws {TlogError} TLOG_QUORUM_MISSING, and what `openCheckpoint` throws
 */
export function trustCheckpoint(bytes: Uint8Array, policy: TlogPolicy): TrustedCheckpoint {
  const checkpoint = openCheckpoint(
    bytes,
    policy.logs.map((log) => log.key),
  );
  const cosignatures = readCosignatures(bytes, policy);
  const names = new Set(cosignatures.map((c) => c.witness));
  if (!isQuorum(policy.quorum, names)) {
    throw new TlogError(
      'TLOG_QUORUM_MISSING',
      `cannot trust the checkpoint of "${excerpt(checkpoint.origin)}": ${names.size} of ${policy.witnesses.length} known witnesses cosigned it, which is no quorum; ask the log for a cosigned checkpoint`,
      { details: { cosigned: names.size } },
    );
  }
  return { checkpoint, cosignatures };
}

/** The verified cosignatures; one that is by a known witness and false condemns the note. */
function readCosignatures(bytes: Uint8Array, policy: TlogPolicy): readonly Cosignature[] {
  const note = parseNote(bytes);
  const found: Cosignature[] = [];
  for (const { name: witness, key } of policy.witnesses) {
    const own = note.signatures.filter((s) => s.name === key.name && s.keyId === key.keyId);
    if (own.length === 0) continue;
    verifyNote({ text: note.text, signatures: own }, [cosignatureVerifier(key)]);
    const times = own.map((s) => cosignatureTime(s.signature) ?? 0);
    found.push({ witness, timeSeconds: Math.max(...times) });
  }
  return found;
}

/** Reads line by line; a line may refer only to lines above it. */
class PolicyReader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #names = new Map<string, Quorum>([['none', { kind: 'none' }]]);
  readonly #members = new Set<string>();
  #quorum: Quorum | null = null;

  line(at: number, words: readonly string[]): void {
    const [keyword = '', ...rest] = words;
    if (this.#logs.length + this.#names.size > MAX_DEFINITIONS) {
      throw refuse(at, `it defines more than ${MAX_DEFINITIONS} things`);
    }
    switch (keyword) {
      case 'log':
        return this.#log(at, rest);
      case 'witness':
        return this.#witness(at, rest);
      case 'group':
        return this.#group(at, rest);
      case 'quorum':
        return this.#quorumLine(at, rest);
      default:
        throw refuse(at, `"${excerpt(keyword)}" is not log, witness, group or quorum`);
    }
  }

  policy(): TlogPolicy {
    if (this.#quorum === null) throw refuse(0, 'it has no quorum line');
    return { logs: this.#logs, witnesses: this.#witnesses, quorum: this.#quorum };
  }

  #log(at: number, words: readonly string[]): void {
    const [vkey, url = null, ...more] = words;
    if (vkey === undefined || more.length > 0) throw refuse(at, 'log takes a vkey and maybe a URL');
    const key = readVkey(at, vkey);
    if (key.type !== ED25519) throw refuse(at, 'the vkey is not one of a log');
    if (this.#logs.some((log) => samePublicKey(log.key, key)))
      throw refuse(at, 'the log stands twice');
    this.#logs.push({ key, url });
  }

  #witness(at: number, words: readonly string[]): void {
    const [name, vkey, url = null, ...more] = words;
    if (name === undefined || vkey === undefined || more.length > 0) {
      throw refuse(at, 'witness takes a name, a vkey and maybe a URL');
    }
    const key = readVkey(at, vkey);
    if (key.type === ED25519) throw refuse(at, 'the vkey is not one of a witness');
    if (this.#witnesses.some((other) => samePublicKey(other.key, key))) {
      throw refuse(at, 'the witness stands twice');
    }
    this.#define(at, name, { kind: 'witness', name });
    this.#witnesses.push({ name, key, url });
  }

  #group(at: number, words: readonly string[]): void {
    const [name, rule, ...names] = words;
    if (name === undefined || rule === undefined || names.length === 0) {
      throw refuse(at, 'group takes a name, a threshold and at least one member');
    }
    const threshold = readThreshold(rule, names.length);
    if (threshold === null) {
      throw refuse(at, `"${excerpt(rule)}" is not all, any or 1 to ${names.length}`);
    }
    const members = names.map((member) => this.#member(at, member));
    this.#define(at, name, { kind: 'group', threshold, members });
  }

  #member(at: number, name: string): Quorum {
    const rule = this.#names.get(name);
    if (rule === undefined || rule.kind === 'none') {
      throw refuse(at, `"${excerpt(name)}" is not a witness or group defined above`);
    }
    if (this.#members.has(name)) throw refuse(at, `"${excerpt(name)}" is already a member`);
    this.#members.add(name);
    return rule;
  }

  #quorumLine(at: number, words: readonly string[]): void {
    const [name, ...more] = words;
    if (name === undefined || more.length > 0) throw refuse(at, 'quorum takes one name');
    if (this.#quorum !== null) throw refuse(at, 'a second quorum line');
    const rule = this.#names.get(name);
    if (rule === undefined) throw refuse(at, `"${excerpt(name)}" is not defined above`);
    this.#quorum = rule;
  }

  #define(at: number, name: string, rule: Quorum): void {
    if (this.#names.has(name)) throw refuse(at, `the name "${excerpt(name)}" is taken`);
    this.#names.set(name, rule);
  }
}

function readThreshold(rule: string, count: number): number | null {
  if (rule === 'all') return count;
  if (rule === 'any') return 1;
  const threshold = /^[1-9][0-9]{0,4}$/.test(rule) ? Number(rule) : 0;
  return threshold >= 1 && threshold <= count ? threshold : null;
}

function readVkey(at: number, octets: string): NoteKey {
  try {
    // Key names are UTF-8 in notes: the octets are read as such here.
    return parseVkey(Buffer.from(octets, 'latin1').toString('utf8'));
  } catch (cause) {
    throw refuse(at, 'its vkey is not valid', cause);
  }
}

function refuse(line: number, why: string, cause?: unknown): TlogError {
  const where = line === 0 ? '' : ` in line ${line}`;
  return new TlogError('TLOG_POLICY_INVALID', `cannot read the trust policy${where}: ${why}`, {
    details: { line },
    ...(cause === undefined ? {} : { cause }),
  });
}
