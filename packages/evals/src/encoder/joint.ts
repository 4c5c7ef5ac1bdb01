/**
 * Joins what the fast tier and the encoder say into one danger, question by question.
 *
 * danger = sigmoid(bias + sum of weight x logit(signal)). The weights were fitted on sources that
 * neither tier was trained on. Where the fast tier is sure, outside [low, high], the encoder is not
 * asked and its usual answer stands in for it, so that dangers stay comparable across the border.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';

/** `content_response` judges an answer alone, `content_exchange` an answer with its request. */
export const JOINTS = [
  'injection_user',
  'injection_document',
  'content_prompt',
  'content_response',
  'content_exchange',
] as const;
export type JointName = (typeof JOINTS)[number];

export interface JointWeights {
  readonly bias: number;
  /** Weight of each signal's logit, by name. `fast` is the fast tier's danger. */
  readonly weights: ReadonlyMap<string, number>;
  readonly thresholds: Readonly<Record<'0.001' | '0.01' | '0.05', number>>;
  /** The fast tier decides alone below `low` and above `high`. */
  readonly grey: { readonly low: number; readonly high: number };
}

export type Joint = Readonly<Record<JointName, JointWeights>>;

const FORMAT = 'proofmark-joint-v1';

/** @throws {EvalsError} EVALS_ENCODER_INVALID */
export function readJoint(text: string): Joint {
  const file = parse(text);
  if (file['format'] !== FORMAT) throw invalid('`format`');
  const read = (name: JointName): JointWeights => readWeights(file[name], name);
  return {
    injection_user: read('injection_user'),
    injection_document: read('injection_document'),
    content_prompt: read('content_prompt'),
    content_response: read('content_response'),
    content_exchange: read('content_exchange'),
  };
}

/** The joint danger in [0, 1]. @throws {EvalsError} EVALS_ENCODER_INVALID for a signal it lacks */
export function joinSignals(
  { bias, weights }: JointWeights,
  signals: Readonly<Record<string, number>>,
): number {
  let sum = bias;
  for (const [name, weight] of weights) {
    const signal = Object.hasOwn(signals, name) ? signals[name] : undefined;
    if (signal === undefined) throw invalid(`no signal \`${name}\``);
    sum += weight * logit(signal);
  }
  return 1 / (1 + Math.exp(-sum));
}

/** No signal is surer than one in two thousand. */
const SURE = 0.0005;

function logit(probability: number): number {
  const bounded = Math.min(1 - SURE, Math.max(SURE, probability));
  return Math.log(bounded / (1 - bounded));
}

function parse(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new EvalsError('EVALS_ENCODER_INVALID', 'cannot read joint.json: no JSON', { cause });
  }
  if (!isRecord(value)) throw invalid('no object');
  return value;
}

function readWeights(value: unknown, name: JointName): JointWeights {
  if (!isRecord(value) || !isRecord(value['weights']) || !isRecord(value['thresholds'])) {
    throw invalid(`\`${name}\``);
  }
  const { weights, thresholds, grey } = value;
  if (!isRecord(grey)) throw invalid(`\`${name}.grey\``);
  const number = (record: Readonly<Record<string, unknown>>, key: string): number => {
    const found = record[key];
    if (typeof found !== 'number' || !Number.isFinite(found)) throw invalid(`\`${name}.${key}\``);
    return found;
  };
  return {
    bias: number(value, 'bias'),
    weights: new Map(Object.keys(weights).map((signal) => [signal, number(weights, signal)])),
    thresholds: {
      '0.001': number(thresholds, '0.001'),
      '0.01': number(thresholds, '0.01'),
      '0.05': number(thresholds, '0.05'),
    },
    grey: { low: number(grey, 'low'), high: number(grey, 'high') },
  };
}

function invalid(what: string): EvalsError {
  return new EvalsError(
    'EVALS_ENCODER_INVALID',
    `cannot read joint.json: ${what} is not as it should be`,
  );
}
