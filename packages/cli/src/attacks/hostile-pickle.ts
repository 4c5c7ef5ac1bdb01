/**
 * (c) A pickle beside the weights that would run a command when loaded.
 *
 * It is bytes that the scanner reads; nothing here loads it.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { attachScan } from '../ship/attach-scan.ts';
import type { Attack } from './attack.ts';
import { QUIET, evidenceAbout, promoteBuild, registerBuild } from './unpromoted-build.ts';

const FILE = 'optimizer.pkl';
/** Protocol 0: import os.system, push a text, call. */
const PICKLE = "cos\nsystem\n(S'touch /tmp/owned'\ntR.";

export const hostilePickle: Attack = {
  id: 'c',
  title: 'a pickle that imports os.system',
  async carryOut(laboratory) {
    const folder = laboratory.copyOfModel();
    writeFileSync(path.join(folder, FILE), PICKLE);
    const row = await registerBuild(laboratory, folder, `${laboratory.model.label}-pickle`);
    const { report } = await attachScan(evidenceAbout(laboratory, row), folder, QUIET);
    const finding = report.files
      .find((file) => file.path === FILE)
      ?.findings.find(({ message }) => message.includes('os.system'));
    const trial = await promoteBuild(laboratory, row, {
      rule: 'scan',
      expected: 'GATE_SCAN_FAILED',
    });
    if (finding === undefined) return [{ ...trial, code: null, detail: 'os.system was not found' }];
    return [{ ...trial, detail: `${finding.rule} ${FILE}: ${finding.message}; ${trial.detail}` }];
  },
};
