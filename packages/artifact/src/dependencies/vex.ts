/**
 * VEX: what the vendor of a product says about a vulnerability in it. Signed, or not at all.
 *
 * Read are OpenVEX 0.2.0 and CycloneDX analyses, in a DSSE envelope by a trusted author, as in-toto
 * predicate or bare payload. A statement silences a finding only if it names the vulnerability under
 * any of its ids and the component with exactly its version (or the shipped product, with the
 * component or nothing below it), and says `not_affected` with a justification, or `fixed`. The
 * newest statement decides; of equally new ones the one that does not silence.
 *
 * @module
 */
import type { JsonObject, PublicKey } from '@proofmark/core';
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';

import { ArtifactError } from '../errors.ts';
import type { VulnerabilityGroup } from './alias-group.ts';
import { isObject, objectAt, objectsAt, textAt, textsAt, timeAt } from './json-value.ts';
import { isEnvelope, openSigned } from './signed-document.ts';

type VexStatus = 'not_affected' | 'fixed' | 'affected' | 'under_investigation';

export interface VexStatement {
  readonly ids: readonly string[];
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  /** Why, as the author says; never empty for `not_affected`. */
  readonly justification: string;
  readonly madeAtMs: number;
  /** Key of the author. */
  readonly keyId: string;
}

interface VexProduct {
  /** Identifiers: package URLs and digests. */
  readonly names: readonly string[];
  readonly components: readonly string[];
}

/** A finding that a statement silenced, kept for the record. */
export interface SilencedVulnerability {
  readonly found: VulnerabilityGroup;
  readonly by: VexStatement;
}

const MAX_STATEMENTS = 100_000;
const MAX_TEXT = 256;
const OPENVEX = /^https:\/\/openvex\.dev\/ns(?:\/v0\.2\.\d+)?$/;

/** Statements of a signed document. @throws {ArtifactError} ARTIFACT_VEX_INVALID, ARTIFACT_REPORT_* */
export function readVex(
  input: Uint8Array | string,
  trust: { readonly authors: readonly PublicKey[]; readonly subjects: readonly string[] },
): VexStatement[] {
  const root = parse(input);
  if (!isEnvelope(root)) {
    throw invalid('nobody signed it; an unsigned statement silences nothing');
  }
  const { content, subjects, keyIds, predicateType } = openSigned(root, trust.authors);
  if (predicateType !== null && !subjects.some((digest) => trust.subjects.includes(digest))) {
    throw new ArtifactError(
      'ARTIFACT_REPORT_SUBJECT',
      'cannot take the VEX document: it is about something else than what is shipped',
    );
  }
  const keyId = keyIds[0] ?? '';
  const statements = isOpenVex(content)
    ? objectsAt(content, 'statements').map((each) => readOpenVex(each, content, keyId))
    : content['bomFormat'] === 'CycloneDX'
      ? readCyclonedx(content, keyId)
      : null;
  if (statements === null) throw invalid('it is neither OpenVEX 0.2 nor CycloneDX');
  if (statements.length > MAX_STATEMENTS) throw invalid('it makes too many statements');
  return statements;
}

/** Splits findings into those that stand and those that a statement silences. */
export function applyVex(
  found: readonly VulnerabilityGroup[],
  statements: readonly VexStatement[],
  context: { readonly subjects: readonly string[]; readonly nowMs: number },
): { readonly standing: VulnerabilityGroup[]; readonly silenced: SilencedVulnerability[] } {
  const standing: VulnerabilityGroup[] = [];
  const silenced: SilencedVulnerability[] = [];
  const byId = new Map<string, VexStatement[]>();
  // A statement from the future may have been written for another state of things.
  for (const statement of statements.filter((each) => each.madeAtMs <= context.nowMs)) {
    for (const id of statement.ids) byId.set(id, [...(byId.get(id) ?? []), statement]);
  }
  for (const group of found) {
    const about = [group.id, ...group.aliases]
      .flatMap((id) => byId.get(id) ?? [])
      .filter((statement) => concerns(statement, group.component, context.subjects));
    const by = newest(about);
    // Malware is not "not affected": nobody may silence it.
    const isMalware = [group.id, ...group.aliases].some((id) => id.startsWith('MAL-'));
    if (by !== null && silences(by) && !isMalware) silenced.push({ found: group, by });
    else standing.push(group);
  }
  return { standing, silenced };
}

function silences({ status }: VexStatement): boolean {
  return status === 'not_affected' || status === 'fixed';
}

function newest(statements: readonly VexStatement[]): VexStatement | null {
  const sorted = statements.toSorted(
    (a, b) => b.madeAtMs - a.madeAtMs || Number(silences(a)) - Number(silences(b)),
  );
  return sorted[0] ?? null;
}

function concerns(
  { products }: VexStatement,
  component: string,
  subjects: readonly string[],
): boolean {
  const wanted = exactPurl(component);
  const isComponent = (name: string): boolean => wanted !== null && exactPurl(name) === wanted;
  return products.some(({ names, components }) => {
    if (names.some(isComponent)) return components.length === 0;
    const isShipped = names.some((name) => subjects.some((digest) => name.includes(digest)));
    return isShipped && (components.length === 0 || components.some(isComponent));
  });
}

/** Type, name and version of a package URL, decoded; null without a version. */
function exactPurl(text: string): string | null {
  const match = /^pkg:([^?#]{1,500}@[^?#@]{1,200})(?:[?#].*)?$/.exec(text);
  if (match?.[1] === undefined) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return null; // a broken escape names nothing
  }
}

function isOpenVex(content: JsonObject): boolean {
  return OPENVEX.test(textAt(content, '@context'));
}

function readOpenVex(statement: JsonObject, document: JsonObject, keyId: string): VexStatement {
  const vulnerability = objectAt(statement, 'vulnerability');
  const ids = [textAt(vulnerability, 'name'), ...textsAt(vulnerability, 'aliases')];
  const status = statusOf(textAt(statement, 'status'));
  const justification = textAt(statement, 'justification') || textAt(statement, 'impact_statement');
  return checked({
    ids: ids.filter((id) => id !== ''),
    products: objectsAt(statement, 'products').map((product) => ({
      names: namesOf(product),
      components: objectsAt(product, 'subcomponents').flatMap(namesOf),
    })),
    status,
    justification,
    madeAtMs: timeAt(statement, 'timestamp') ?? timeAt(document, 'timestamp') ?? Number.NaN,
    keyId,
  });
}

function namesOf(component: JsonObject): string[] {
  const { purl } = objectAt(component, 'identifiers');
  const hashes = Object.values(objectAt(component, 'hashes'));
  return [textAt(component, '@id'), purl, ...hashes].filter(
    (name): name is string => typeof name === 'string' && name !== '',
  );
}

const STATES: Readonly<Record<string, VexStatus>> = {
  not_affected: 'not_affected',
  false_positive: 'not_affected',
  fixed: 'fixed',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  affected: 'affected',
  exploitable: 'affected',
  under_investigation: 'under_investigation',
  in_triage: 'under_investigation',
};

function statusOf(text: string): VexStatus {
  const status = Object.hasOwn(STATES, text) ? STATES[text] : undefined;
  if (status === undefined) throw invalid(`the status "${excerpt(text)}" is unknown`);
  return status;
}

function readCyclonedx(document: JsonObject, keyId: string): VexStatement[] {
  const purls = new Map(
    objectsAt(document, 'components').map((each) => [
      textAt(each, 'bom-ref'),
      textAt(each, 'purl'),
    ]),
  );
  const made = timeAt(objectAt(document, 'metadata'), 'timestamp');
  return objectsAt(document, 'vulnerabilities').flatMap((found) => {
    const analysis = found['analysis'];
    if (!isObject(analysis)) return []; // a finding without an opinion
    const refs = objectsAt(found, 'affects').map((each) => textAt(each, 'ref'));
    const references = objectsAt(found, 'references').map((each) => textAt(each, 'id'));
    const state = textAt(analysis, 'state');
    return [
      checked({
        ids: [textAt(found, 'id'), ...references].filter((id) => id !== ''),
        products: refs.map((ref) => ({ names: [purls.get(ref) ?? ref], components: [] })),
        status: statusOf(state),
        justification:
          textAt(analysis, 'justification') ||
          textAt(analysis, 'detail') ||
          (state === 'false_positive' ? state : ''),
        madeAtMs:
          timeAt(analysis, 'lastUpdated') ?? timeAt(analysis, 'firstIssued') ?? made ?? Number.NaN,
        keyId,
      }),
    ];
  });
}

function checked(statement: VexStatement): VexStatement {
  if (statement.ids.length === 0) throw invalid('a statement names no vulnerability');
  if (Number.isNaN(statement.madeAtMs)) throw invalid('a statement has no time');
  if (statement.status === 'not_affected' && statement.justification === '') {
    throw invalid(`"not affected" by ${excerpt(statement.ids[0] ?? '')} without a justification`);
  }
  return { ...statement, justification: statement.justification.slice(0, MAX_TEXT) };
}

function parse(input: Uint8Array | string): JsonObject {
  try {
    const root = parseStrictJson(input);
    if (isObject(root)) return root;
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw new ArtifactError(
      'ARTIFACT_VEX_INVALID',
      `cannot read the VEX document: ${cause.message}`,
      {
        cause,
      },
    );
  }
  throw invalid('it is no object');
}

function invalid(why: string): ArtifactError {
  return new ArtifactError('ARTIFACT_VEX_INVALID', `cannot take the VEX document: ${why}`);
}
