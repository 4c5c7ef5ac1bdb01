/**
 * Which fields of a labelled row each evaluator judges.
 *
 * | evaluator        | fields |
 * | ---------------- | ------ |
 * | prompt-injection | `text` (or `input` when there is none), `channel`; `input` beside `text` is the task |
 * | content-safety   | `output` with its `input`, or `text` (or `input`) |
 * | action-safety    | `trajectory` (or `messages`) |
 * | is-compliant     | `output`, `input`, `context` |
 * | pii              | `text`, `spans` |
 * | faithfulness     | `context`, `output` |
 * | is-helpful       | `input`, `output`; or `output_a` and `output_b`, label 1 when b is better |
 *
 * A pair is judged by two evaluations; its score is above one half when answer a is the better one,
 * and its outcome is `fail` when b is.
 *
 * @module
 */
import { ActionSafety } from '../action/action-safety.ts';
import { IsCompliant } from '../compliant/is-compliant.ts';
import { EvalsError } from '../errors.ts';
import { Faithfulness } from '../faithful/faithfulness.ts';
import { IsHelpful } from '../helpful/is-helpful.ts';
import { PromptInjection } from '../injection/prompt-injection.ts';
import type { ClassifierOptions } from '../injection/prompt-injection.ts';
import type { InjectionChannel } from '../injection/reading.ts';
import type { Judge } from '../judge/llm-judge.ts';
import { PII, PII_TYPES } from '../pii/pii.ts';
import type { EvaluateOptions, EvaluationResult, EvaluatorIdentity } from '../result.ts';
import { ContentSafety } from '../safety/content-safety.ts';
import { optionalField, readLabelledRow, rowId, textField } from './labelled-row.ts';
import type { LabelledRow } from './labelled-row.ts';
import type { RowResult } from './measurement.ts';
import { annotatedSpans, matchSpans } from './span-tally.ts';

export const EVALUATOR_IDS = [
  'prompt-injection',
  'content-safety',
  'action-safety',
  'is-compliant',
  'pii',
  'faithfulness',
  'is-helpful',
] as const;
export type EvaluatorId = (typeof EVALUATOR_IDS)[number];

export interface RowEvaluatorOptions extends ClassifierOptions {
  /** Overrides a row's own `channel`. Default: the row's, else `user`. */
  readonly channel?: InjectionChannel;
  /** The parsed policy of is-compliant, which needs one. */
  readonly policy?: unknown;
  /** Grades for the evaluators of `JUDGED`; the others refuse one. */
  readonly judge?: Judge;
  readonly signal?: AbortSignal;
}

/** Evaluators that a judge model can grade for. */
export const JUDGED: readonly EvaluatorId[] = [
  'content-safety',
  'is-compliant',
  'faithfulness',
  'is-helpful',
];

export interface RowEvaluator {
  readonly identity: EvaluatorIdentity;
  /** Judges one parsed row. Never rejects: what cannot be judged has outcome `error` and a reason. */
  evaluate(row: unknown, place: string): Promise<RowResult>;
}

/** @throws {EvalsError} EVALS_CONFIG_INVALID, EVALS_WEIGHTS_INVALID */
export function createRowEvaluator(id: string, options: RowEvaluatorOptions = {}): RowEvaluator {
  const known = evaluatorId(id);
  if (options.judge !== undefined && !JUDGED.includes(known)) {
    throw new EvalsError(
      'EVALS_CONFIG_INVALID',
      `${known} takes no judge; those that do are ${JUDGED.join(', ')}`,
    );
  }
  const { identity, judge } = FACTORIES[known](options);
  return {
    identity,
    async evaluate(row, place) {
      try {
        const read = readLabelledRow(row, place);
        return { id: read.id, label: read.label, ...(await judge(read)) };
      } catch (error) {
        if (!(error instanceof EvalsError)) throw error;
        return unusableRow(rowId(row, place), error.message);
      }
    },
  };
}

/** The result of a row that could not be read at all. */
export function unusableRow(id: string, reason: string): RowResult {
  return { id, label: null, score: 0, outcome: 'error', latencyMs: 0, reason };
}

/**
 * `PromptInjection`, `prompt_injection` and `prompt-injection` are one evaluator.
 *
 * @throws {EvalsError} EVALS_CONFIG_INVALID
 */
export function evaluatorId(name: string): EvaluatorId {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]/g, '');
  const known = EVALUATOR_IDS.find((id) => plain(id) === plain(name));
  if (known !== undefined) return known;
  throw new EvalsError(
    'EVALS_CONFIG_INVALID',
    `unknown evaluator; known are ${EVALUATOR_IDS.join(', ')}`,
  );
}

type Verdict = Omit<RowResult, 'id' | 'label'>;

interface Judged {
  readonly identity: EvaluatorIdentity;
  readonly judge: (row: LabelledRow) => Promise<Verdict>;
}

const FACTORIES: Readonly<Record<EvaluatorId, (options: RowEvaluatorOptions) => Judged>> = {
  'prompt-injection': (options) => {
    const evaluator = new PromptInjection(classifier(options));
    return judged(evaluator.identity, async (row) => {
      const input = textField(row, 'text', 'input');
      const task = row.fields['text'] === undefined ? undefined : optionalField(row, 'input');
      const channel = options.channel ?? rowChannel(row);
      return await evaluator.evaluate(
        { input, channel, ...(task === undefined ? {} : { task }) },
        abort(options),
      );
    });
  },
  'content-safety': (options) => {
    const evaluator = new ContentSafety({ ...classifier(options), ...judgeOf(options) });
    return judged(evaluator.identity, async (row) => {
      const output = optionalField(row, 'output');
      if (output === undefined) {
        return await evaluator.evaluate({ input: textField(row, 'text', 'input') }, abort(options));
      }
      const input = optionalField(row, 'input');
      return await evaluator.evaluate(
        { output, ...(input === undefined ? {} : { input }) },
        abort(options),
      );
    });
  },
  'action-safety': (options) => {
    const evaluator = new ActionSafety(classifier(options));
    return judged(evaluator.identity, async (row) => {
      const trajectory = row.fields['trajectory'] ?? row.fields['messages'];
      return await evaluator.evaluate({ trajectory }, abort(options));
    });
  },
  'is-compliant': (options) => {
    const evaluator = new IsCompliant({ policy: options.policy, ...judgeOf(options) });
    return judged(evaluator.identity, async (row) => {
      const [input, context] = [optionalField(row, 'input'), optionalField(row, 'context')];
      return await evaluator.evaluate(
        {
          output: textField(row, 'output'),
          ...(input === undefined ? {} : { input }),
          ...(context === undefined ? {} : { context }),
        },
        abort(options),
      );
    });
  },
  pii: (options) => {
    const evaluator = new PII();
    const everyType = new PII({ types: PII_TYPES });
    return {
      identity: evaluator.identity,
      judge: async (row) => {
        const text = textField(row, 'text');
        const annotated = annotatedSpans(row, text);
        const result = verdict(await evaluator.evaluate({ text }, abort(options)));
        if (annotated === undefined || result.outcome === 'error') return result;
        return { ...result, spans: matchSpans(annotated, everyType.find(text)) };
      },
    };
  },
  faithfulness: (options) => {
    const evaluator = new Faithfulness(judgeOf(options));
    return judged(evaluator.identity, async (row) => {
      const [context, output] = [textField(row, 'context'), textField(row, 'output')];
      return await evaluator.evaluate({ context, output }, abort(options));
    });
  },
  'is-helpful': (options) => {
    const evaluator = new IsHelpful(judgeOf(options));
    const judge = async (input: string, output: string): Promise<Verdict> =>
      verdict(await evaluator.evaluate({ input, output }, abort(options)));
    return {
      identity: evaluator.identity,
      judge: async (row) => {
        const input = textField(row, 'input');
        if (row.fields['output'] !== undefined) return await judge(input, textField(row, 'output'));
        return better(
          await judge(input, textField(row, 'output_a')),
          await judge(input, textField(row, 'output_b')),
        );
      },
    };
  },
};

function judged(
  identity: EvaluatorIdentity,
  evaluate: (row: LabelledRow) => Promise<EvaluationResult>,
): Judged {
  return { identity, judge: async (row) => verdict(await evaluate(row)) };
}

function verdict(result: EvaluationResult): Verdict {
  const { score, outcome, latencyMs, reason } = result;
  return { score, outcome, latencyMs, ...(outcome === 'error' ? { reason } : {}) };
}

function better(a: Verdict, b: Verdict): Verdict {
  const latencyMs = a.latencyMs + b.latencyMs;
  const errored = [a, b].find(({ outcome }) => outcome === 'error');
  if (errored !== undefined) return { ...errored, latencyMs };
  return {
    score: 0.5 + (a.score - b.score) / 2,
    outcome: b.score > a.score ? 'fail' : 'pass',
    latencyMs,
  };
}

function rowChannel(row: LabelledRow): InjectionChannel {
  const channel = row.fields['channel'];
  return channel === 'document' || channel === 'tool' ? channel : 'user';
}

function classifier({ targetFpr, tier }: RowEvaluatorOptions): ClassifierOptions {
  return {
    ...(targetFpr === undefined ? {} : { targetFpr }),
    ...(tier === undefined ? {} : { tier }),
  };
}

function judgeOf({ judge }: RowEvaluatorOptions): { readonly judge?: Judge } {
  return judge === undefined ? {} : { judge };
}

function abort({ signal }: RowEvaluatorOptions): EvaluateOptions {
  return signal === undefined ? {} : { signal };
}
