/**
 * Dependency evidence: in-toto vulns v0.2, the known vulnerabilities of what ships with the model.
 *
 * Severities are CVSS base scores. A vulnerability whose severity is missing or unreadable counts as
 * 10, because an unknown severity is no reason to let it pass.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import { isoTime } from '@proofmark/core';

import type { Fields } from '../json-fields.ts';

export const DEPENDENCIES_PREDICATE_TYPE = 'https://in-toto.io/attestation/vulns/v0.2';

export interface Vulnerability {
  /** CVE, GHSA or OSV id. */
  readonly id: string;
  /** Other names of the same vulnerability; left out when there are none. */
  readonly aliases?: readonly string[];
  /** CVSS base score in [0, 10]. */
  readonly cvss: number;
  /** Package URL of the affected component. */
  readonly component: string;
}

/** A finding that a signed VEX statement silenced: it does not count, and stays visible. */
export interface SilencedVulnerability extends Vulnerability {
  /** What the statement says, such as `not_affected`. */
  readonly status: string;
  readonly justification: string;
  /** Id of the key that signed the statement. */
  readonly author: string;
}

export interface DependenciesPredicate {
  readonly scanner: { readonly uri: string; readonly version: string };
  readonly database: {
    readonly uri: string;
    readonly version: string;
    readonly lastUpdateMs: number;
  };
  readonly vulnerabilities: readonly Vulnerability[];
  /** Left out when there are none. */
  readonly silenced?: readonly SilencedVulnerability[];
  /** Components looked at: the entries of the lock files, or what the scanner's report counts. */
  readonly components: number;
  /** SHA-256 of the lock files, concatenated in the order they were given; else of the report. */
  readonly lockDigest: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
}

const UNKNOWN_CVSS = 10;
const MAX_ANNOTATIONS = 128;

export function buildDependencies(found: DependenciesPredicate): JsonObject {
  return {
    scanner: {
      uri: found.scanner.uri,
      version: found.scanner.version,
      db: {
        uri: found.database.uri,
        version: found.database.version,
        lastUpdate: isoTime(found.database.lastUpdateMs),
      },
      result: found.vulnerabilities.map(buildVulnerability),
    },
    metadata: {
      scanStartedOn: isoTime(found.startedAtMs),
      scanFinishedOn: isoTime(found.finishedAtMs),
      components: found.components,
      lockDigest: found.lockDigest,
      ...(found.silenced === undefined ? {} : { silenced: found.silenced.map(buildSilenced) }),
    },
  };
}

function buildVulnerability({ id, aliases = [], cvss, component }: Vulnerability): JsonObject {
  return {
    id,
    severity: [{ method: 'CVSS_V3', score: String(cvss) }],
    annotations: [{ component }, ...aliases.map((alias) => ({ alias }))],
  };
}

function buildSilenced(silenced: SilencedVulnerability): JsonObject {
  const { status, justification, author } = silenced;
  const why = justification === '' ? {} : { justification };
  return { ...buildVulnerability(silenced), status, ...why, author };
}

export function readDependencies(predicate: Fields): DependenciesPredicate {
  const scanner = predicate.object('scanner');
  const database = scanner.object('db');
  const metadata = predicate.object('metadata');
  return {
    scanner: { uri: scanner.text('uri'), version: scanner.text('version', { max: 128 }) },
    database: {
      uri: database.text('uri'),
      version: database.text('version', { max: 128 }),
      lastUpdateMs: database.time('lastUpdate'),
    },
    vulnerabilities: scanner.list('result', readVulnerability),
    components: metadata.count('components'),
    lockDigest: metadata.digest('lockDigest'),
    ...(metadata.has('silenced') ? { silenced: metadata.list('silenced', readSilenced) } : {}),
    startedAtMs: metadata.time('scanStartedOn'),
    finishedAtMs: metadata.time('scanFinishedOn'),
  };
}

function readVulnerability(fields: Fields): Vulnerability {
  const noted = (key: string): readonly string[] =>
    fields.has('annotations')
      ? fields
          .list('annotations', (a) => (a.has(key) ? a.text(key) : ''), MAX_ANNOTATIONS)
          .filter((text) => text !== '')
      : [];
  const aliases = noted('alias');
  return {
    id: fields.text('id', { max: 128 }),
    ...(aliases.length === 0 ? {} : { aliases }),
    cvss: fields.has('severity') ? worstScore(fields) : UNKNOWN_CVSS,
    component: noted('component')[0] ?? 'unknown',
  };
}

function readSilenced(fields: Fields): SilencedVulnerability {
  return {
    ...readVulnerability(fields),
    status: fields.text('status', { max: 64 }),
    justification: fields.has('justification') ? fields.text('justification') : '',
    author: fields.text('author', { max: 128 }),
  };
}

/** The highest score named; a scale that is not CVSS counts as unknown. */
function worstScore(fields: Fields): number {
  const scores = fields.list('severity', (s) => scoreOf(s.text('method'), s.text('score')), 64);
  return scores.length === 0 ? UNKNOWN_CVSS : Math.max(...scores);
}

function scoreOf(method: string, text: string): number {
  const score = /^\d{1,2}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  return /^cvss/i.test(method) && score >= 0 && score <= 10 ? score : UNKNOWN_CVSS;
}
