/**
 * (b) A debug build that is named like the release: its digest has no evidence.
 *
 * @module
 */
import { appendFileSync } from 'node:fs';
import path from 'node:path';

import { mustThrow } from './attack.ts';
import type { Attack } from './attack.ts';
import { promoteBuild, registerBuild } from './unpromoted-build.ts';

export const debugBuild: Attack = {
  id: 'b',
  title: 'a debug build named like the release',
  async carryOut(laboratory) {
    const { model, release } = laboratory;
    const folder = laboratory.copyOfModel();
    appendFileSync(path.join(folder, 'README.md'), '\nDebug build, not for production.\n');
    const row = await registerBuild(laboratory, folder, `${model.label}-debug`);
    return [
      await promoteBuild(laboratory, row, { rule: 'scan', expected: 'GATE_EVIDENCE_MISSING' }),
      await promoteBuild(laboratory, row, {
        rule: 'regression',
        expected: 'GATE_EVIDENCE_MISSING',
      }),
      await mustThrow(
        {
          tried: `register it as ${release.name}@${release.version}`,
          by: 'registry',
          expected: 'REGISTRY_VERSION_CONFLICT',
        },
        () => registerBuild(laboratory, folder, release.version),
      ),
    ];
  },
};
