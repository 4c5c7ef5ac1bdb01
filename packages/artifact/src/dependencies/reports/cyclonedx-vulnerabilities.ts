/**
 * CycloneDX JSON with `vulnerabilities` (versions 1.4 to 1.7).
 *
 * An analysis in the document does not silence a finding: that takes a signed VEX document.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';

import { ArtifactError } from '../../errors.ts';
import { scoreOfNumber, scoreOfVector, scoreOfWord, worst } from '../cvss.ts';
import { isObject, numberAt, objectAt, objectsAt, textAt, timeAt } from '../json-value.ts';
import { emptyReport } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';

const MAX_DEPTH = 16;

export function isCyclonedx(root: JsonObject): boolean {
  return root['bomFormat'] === 'CycloneDX';
}

/** @throws {ArtifactError} ARTIFACT_REPORT_INVALID */
export function readCyclonedx(root: JsonObject): ScannerReport {
  if (!Array.isArray(root['vulnerabilities'])) {
    throw new ArtifactError(
      'ARTIFACT_REPORT_INVALID',
      'cannot take the report: it lists components and no vulnerabilities, so nothing says that somebody looked; have the scanner add them',
    );
  }
  const metadata = objectAt(root, 'metadata');
  const components = componentsBelow(root, 0);
  const byRef = new Map(components.map((each) => [textAt(each, 'bom-ref'), nameOf(each)]));
  const at = timeAt(metadata, 'timestamp');
  const [tool = {}] = isObject(metadata['tools'])
    ? objectsAt(metadata['tools'], 'components')
    : objectsAt(metadata, 'tools');
  return {
    ...emptyReport(
      'cyclonedx',
      `urn:cyclonedx:tool:${textAt(tool, 'name').slice(0, 64) || 'unknown'}`,
      textAt(tool, 'version') || null,
    ),
    startedAtMs: at,
    finishedAtMs: at,
    subjects: objectsAt(objectAt(metadata, 'component'), 'hashes')
      .filter((hash) => hash['alg'] === 'SHA-256')
      .map((hash) => textAt(hash, 'content')),
    packages: components.filter((each) => each['type'] !== 'file').length,
    vulnerabilities: objectsAt(root, 'vulnerabilities').flatMap((v) => readVulnerability(v, byRef)),
  };
}

function componentsBelow(owner: JsonObject, depth: number): readonly JsonObject[] {
  if (depth > MAX_DEPTH) return [];
  return objectsAt(owner, 'components').flatMap((each) => [
    each,
    ...componentsBelow(each, depth + 1),
  ]);
}

function nameOf(component: JsonObject): string {
  return (
    textAt(component, 'purl') || `${textAt(component, 'name')}@${textAt(component, 'version')}`
  );
}

/** One entry for every component it affects; one without, if it names none. */
function readVulnerability(
  found: JsonObject,
  byRef: ReadonlyMap<string, string>,
): ReportedVulnerability[] {
  const references = objectsAt(found, 'references').map((each) => textAt(each, 'id'));
  const refs = objectsAt(found, 'affects').map((each) => textAt(each, 'ref'));
  const ratings = objectsAt(found, 'ratings');
  const scores = ratings
    .filter((rating) => textAt(rating, 'method').startsWith('CVSSv')) // others have scales of their own
    .flatMap((rating) => [
      scoreOfNumber(numberAt(rating, 'score') ?? -1),
      scoreOfVector(textAt(rating, 'vector')),
    ]);
  const words = ratings.map((rating) => scoreOfWord(textAt(rating, 'severity')));
  return (refs.length === 0 ? ['unknown'] : refs).map((ref) => ({
    ids: [textAt(found, 'id'), ...references],
    component: byRef.get(ref) ?? ref,
    cvss: worst(scores) ?? worst(words),
    fixed: [],
    summary: textAt(found, 'description'),
  }));
}
