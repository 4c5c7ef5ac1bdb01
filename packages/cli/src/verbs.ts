/**
 * Every verb, in the order of the help text.
 *
 * @module
 */
import { alertsVerb } from './commands/alerts.ts';
import { approveVerb, pushVerb, testVerb } from './commands/attest.ts';
import { attestVerb } from './commands/attest-dependencies.ts';
import { bomVerb } from './commands/bom.ts';
import { completionVerb } from './commands/completion.ts';
import { datasetVerb } from './commands/dataset.ts';
import { demoVerb } from './commands/demo.ts';
import { doctorVerb } from './commands/doctor.ts';
import { evalVerb } from './commands/eval.ts';
import { explainVerb } from './commands/explain.ts';
import { exportVerb, gateVerb, verifyGateVerb } from './commands/gate.ts';
import { historyVerb } from './commands/history.ts';
import { importVerb } from './commands/import.ts';
import { initVerb } from './commands/init.ts';
import { keygenVerb } from './commands/keygen.ts';
import { promoteVerb, rollbackVerb } from './commands/promote.ts';
import { pullVerb } from './commands/pull.ts';
import { receiptVerb } from './commands/receipt.ts';
import { scanVerb } from './commands/scan.ts';
import { schemaVerb } from './commands/schema.ts';
import { shadowVerb } from './commands/shadow.ts';
import { signVerb } from './commands/sign.ts';
import { tlogVerb } from './commands/tlog.ts';
import { tracesVerb } from './commands/traces.ts';
import { upVerb } from './commands/up.ts';
import { verifyVerb } from './commands/verify.ts';
import { versionsVerb } from './commands/versions.ts';
import type { Verb } from './program.ts';

export const verbs: readonly Verb[] = [
  initVerb,
  upVerb,
  keygenVerb,
  signVerb,
  verifyVerb,
  scanVerb,
  bomVerb,
  pushVerb,
  importVerb,
  pullVerb,
  versionsVerb,
  attestVerb,
  testVerb,
  evalVerb,
  datasetVerb,
  shadowVerb,
  approveVerb,
  explainVerb,
  gateVerb,
  promoteVerb,
  rollbackVerb,
  historyVerb,
  exportVerb,
  verifyGateVerb,
  receiptVerb,
  tlogVerb,
  alertsVerb,
  tracesVerb,
  doctorVerb,
  demoVerb,
  schemaVerb,
  completionVerb,
];
