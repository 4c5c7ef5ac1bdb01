/**
 * Evaluators, guardrails, red-team suites and score statistics.
 *
 * @module
 */
export { ActionSafety } from './action/action-safety.ts';
export type { ActionSafetyInput, ActionSafetyOptions } from './action/action-safety.ts';
export type { ToolPolicy } from './action/acts.ts';
export { IsCompliant } from './compliant/is-compliant.ts';
export type { IsCompliantInput, IsCompliantOptions } from './compliant/is-compliant.ts';
export { readRubric } from './compliant/rubric.ts';
export type { RubricClassifier, RubricRule } from './compliant/rubric.ts';
export { diffDatasets, readDataset, toDataset, toRow, writeDataset } from './dataset.ts';
export type { Dataset, DatasetDiff, DatasetRow } from './dataset.ts';
export { EvalsError } from './errors.ts';
export type { EvalsErrorCode } from './errors.ts';
export { DEFAULT_TIMEOUT_MS, MAX_TEXT_LENGTH, runEvaluation } from './evaluation.ts';
export type { Checkpoint, Judgement } from './evaluation.ts';
export { Faithfulness } from './faithful/faithfulness.ts';
export type { FaithfulnessInput, FaithfulnessOptions } from './faithful/faithfulness.ts';
export { createGuardrail, strictestAction } from './guardrail.ts';
export type {
  Guardrail,
  GuardrailAction,
  GuardrailConfig,
  GuardrailContext,
  GuardrailDecision,
  GuardrailStage,
  GuardrailVerdict,
} from './guardrail.ts';
export { IsHelpful } from './helpful/is-helpful.ts';
export type { IsHelpfulInput, IsHelpfulOptions } from './helpful/is-helpful.ts';
export { readResponse } from './helpful/refusal.ts';
export type { ResponseKind, ResponseReading } from './helpful/refusal.ts';
export { identify } from './identity.ts';
export { PromptInjection } from './injection/prompt-injection.ts';
export type { ClassifierOptions, PromptInjectionInput } from './injection/prompt-injection.ts';
export type { InjectionChannel } from './injection/reading.ts';
export type { TargetFpr } from './linear/weights-file.ts';
export { PII, restoreRedacted } from './pii/pii.ts';
export type { PiiInput, PiiOptions, PiiSpan, Redaction } from './pii/pii.ts';
export type { PiiType } from './pii/pattern.ts';
export { IMPORT_FORMATS, importDataset } from './imports/formats.ts';
export type { ImportDefaults, ImportFormat } from './imports/formats.ts';
export { createJudge, RubricJudge } from './judge/llm-judge.ts';
export type { Judge, RubricJudgeInput, RubricJudgeOptions } from './judge/llm-judge.ts';
export type { ChatEndpoint } from './judge/chat-endpoint.ts';
export { createMeasurement } from './measure/measurement.ts';
export type { Measurement, Metrics, RowResult } from './measure/measurement.ts';
export {
  createRowEvaluator,
  EVALUATOR_IDS,
  evaluatorId,
  JUDGED,
  unusableRow,
} from './measure/row-evaluator.ts';
export type { EvaluatorId, RowEvaluator, RowEvaluatorOptions } from './measure/row-evaluator.ts';
export { evaluateRows } from './measure/rows.ts';
export type { EvaluatedRows } from './measure/rows.ts';
export type { SpanFigures, SpanMatch, TypeFigures } from './measure/span-tally.ts';
export { compareSeverity, worstSeverity } from './result.ts';
export type {
  EvaluateOptions,
  EvaluationResult,
  Evaluator,
  EvaluatorIdentity,
  Finding,
  Outcome,
  Severity,
} from './result.ts';
export { ContentSafety } from './safety/content-safety.ts';
export type { ContentSafetyInput, ContentSafetyOptions } from './safety/content-safety.ts';
export { answerTo, askedText } from './safety/request.ts';
export type { HarmCategory } from './safety/taxonomy.ts';
export { lowerBound, upperBound, wilson } from './statistics/binomial.ts';
export type { Interval } from './statistics/binomial.ts';
export { bootstrap } from './statistics/bootstrap.ts';
export type { BootstrapOptions } from './statistics/bootstrap.ts';
export { auroc, recallAtRate, thresholdAtRate } from './statistics/ranking.ts';
export type { Scored } from './statistics/ranking.ts';
export { attackSuccess, leaks } from './suite/oracle.ts';
export type { AnswerVerdicts } from './suite/oracle.ts';
export { isRecordOf } from './suite/record.ts';
export type { AttemptRecord } from './suite/record.ts';
export { readSuite } from './suite/row.ts';
export type { Oracle, Suite, SuiteMessage, SuiteRow } from './suite/row.ts';
export { runDigest, runSuite } from './suite/run.ts';
export type { GeneratedAnswer, Generate, SuiteProgress, SuiteRunOptions } from './suite/run.ts';
export { summarise } from './suite/summary.ts';
export type { FamilyResult, SuiteResult, SuiteTotals } from './suite/summary.ts';
