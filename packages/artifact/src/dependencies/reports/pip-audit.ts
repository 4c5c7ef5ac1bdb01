/**
 * pip-audit `-f json`: an object with `dependencies`, or the bare list of versions before 2.
 *
 * A dependency that was skipped was not looked at: the report is refused, because what it does not
 * say cannot be told from what is safe. Severities are not in the document.
 *
 * @module
 */
import type { Json, JsonObject } from '@proofmark/core';
import { excerpt } from '@proofmark/core';

import { ArtifactError } from '../../errors.ts';
import { isObject, objectsAt, textAt, textsAt } from '../json-value.ts';
import { normalizePypiName, packageUrl } from '../locked-package.ts';
import { emptyReport } from '../reported.ts';
import type { ReportedVulnerability, ScannerReport } from '../reported.ts';

export function isPipAudit(root: Json): boolean {
  const [first] = dependenciesOf(root);
  if (first === undefined) {
    return isObject(root) && Array.isArray(root['dependencies']) && Array.isArray(root['fixes']);
  }
  return 'name' in first && ('vulns' in first || 'skip_reason' in first);
}

/** @throws {ArtifactError} ARTIFACT_REPORT_INVALID */
export function readPipAudit(root: Json): ScannerReport {
  const dependencies = dependenciesOf(root);
  const skipped = dependencies.filter((entry) => !Array.isArray(entry['vulns']));
  if (skipped.length > 0) {
    const names = skipped.slice(0, 5).map((entry) => excerpt(textAt(entry, 'name')));
    throw new ArtifactError(
      'ARTIFACT_REPORT_INVALID',
      `cannot take the report: pip-audit skipped ${skipped.length} packages (${names.join(', ')}); make it able to look at them and run it again`,
    );
  }
  return {
    ...emptyReport('pip-audit', 'https://github.com/pypa/pip-audit', null),
    packages: dependencies.length,
    vulnerabilities: dependencies.flatMap(readDependency),
  };
}

function readDependency(entry: JsonObject): ReportedVulnerability[] {
  const name = normalizePypiName(textAt(entry, 'name'));
  const component = packageUrl({ ecosystem: 'PyPI', name, version: textAt(entry, 'version') });
  return objectsAt(entry, 'vulns').map((found) => ({
    ids: [textAt(found, 'id'), ...textsAt(found, 'aliases')],
    component,
    cvss: null,
    fixed: textsAt(found, 'fix_versions'),
    summary: textAt(found, 'description'),
  }));
}

function dependenciesOf(root: Json): readonly JsonObject[] {
  if (Array.isArray(root)) return (root as readonly Json[]).filter(isObject);
  return isObject(root) ? objectsAt(root, 'dependencies') : [];
}
