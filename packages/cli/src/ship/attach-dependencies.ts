/**
 * Matches lock files with the advisories at hand and attaches what was found.
 *
 * @module
 */
import { runDependencyCheck } from '../evidence/dependency-evidence.ts';
import { attachEvidence } from './attach.ts';
import type { EvidenceContext } from './attach.ts';

export async function attachDependencies(
  context: EvidenceContext,
  lockFiles: readonly string[],
  advisoryFile: string,
): Promise<ReturnType<typeof runDependencyCheck>> {
  const run = runDependencyCheck(lockFiles, advisoryFile, context.installation.clock);
  await attachEvidence(context, 'dependencies', run.predicate, 'scanner');
  return run;
}
