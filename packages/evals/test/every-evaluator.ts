/**
 * Every evaluator, and every place in which it can be given one text.
 *
 * @module
 */
import {
  ActionSafety,
  ContentSafety,
  Faithfulness,
  IsCompliant,
  IsHelpful,
  PII,
  PromptInjection,
} from '@proofmark/evals';
import type { EvaluationResult } from '@proofmark/evals';

export interface Evaluators {
  readonly injection: PromptInjection;
  readonly content: ContentSafety;
  readonly action: ActionSafety;
  readonly pii: PII;
  readonly helpful: IsHelpful;
  readonly faithful: Faithfulness;
  readonly compliant: IsCompliant;
}

export const evaluators: Evaluators = {
  injection: new PromptInjection(),
  content: new ContentSafety(),
  action: new ActionSafety(),
  pii: new PII(),
  helpful: new IsHelpful(),
  faithful: new Faithfulness(),
  compliant: new IsCompliant({
    policy: {
      rules: [
        { id: 'harmful', must_not: { classifier: 'harmful' } },
        { id: 'personal', must_not: { classifier: 'personal_data' } },
        { id: 'pattern', must_not: { pattern: 'a.{0,20}b+c' }, when: 'r+e' },
      ],
    },
  }),
};

export async function all(text: string): Promise<readonly EvaluationResult[]> {
  const { injection, content, action, pii, helpful, faithful, compliant } = evaluators;
  return [
    await injection.evaluate({ input: text }),
    await injection.evaluate({ input: text, channel: 'tool', task: text }),
    await content.evaluate({ output: text }),
    await content.evaluate({ input: text }),
    await content.evaluate({ input: text, output: text }),
    await action.evaluate({
      trajectory: [{ role: 'agent', tool: 'bash', args: { command: text } }],
    }),
    await action.evaluate({ trajectory: text }),
    await action.evaluate({
      trajectory: [
        { role: 'user', content: text },
        { role: 'tool', content: text },
        { role: 'assistant', tool_calls: [{ function: { name: 'send_email', arguments: text } }] },
      ],
    }),
    await pii.evaluate({ text }),
    await helpful.evaluate({ input: text, output: text }),
    await faithful.evaluate({ context: text, output: text }),
    await compliant.evaluate({ input: text, output: text }),
  ];
}
