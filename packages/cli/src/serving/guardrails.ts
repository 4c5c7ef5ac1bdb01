/**
 * The guardrails and scorers that `proofmark.yaml` names, as the gateway takes them.
 *
 * @module
 */
import { ActionSafety, answerTo, ContentSafety, PII, PromptInjection } from '@proofmark/evals';
import type { GuardrailConfig } from '@proofmark/evals';
import { bindGuardrail, bindScorer } from '@proofmark/gateway';
import type { GuardrailBinding, Scorer } from '@proofmark/gateway';

import type { GuardrailDocument } from '../config/document.ts';
import { scoringEvaluators } from '../evaluators.ts';
import type { ScoringTier } from '../evaluators.ts';

/** In the order of the document; ids are unique within a route. */
export function bindGuardrails(documents: readonly GuardrailDocument[]): GuardrailBinding[] {
  return documents.map((document, i) => {
    const twice = documents
      .slice(0, i)
      .filter((d) => d.evaluator === document.evaluator && d.stage === document.stage).length;
    const suffix = twice === 0 ? '' : `-${twice + 1}`;
    return bindOne(document, `${document.evaluator}-${document.stage}${suffix}`);
  });
}

function bindOne(document: GuardrailDocument, id: string): GuardrailBinding {
  const { stage, action, onError, targetFpr, tier } = document;
  const config: GuardrailConfig = { id, stage, action, onError };
  switch (document.evaluator) {
    case 'prompt-injection': {
      const channel = stage === 'tool_result' ? ('tool' as const) : ('user' as const);
      return bindGuardrail(config, new PromptInjection({ targetFpr, tier }), (input, { task }) => ({
        input,
        channel,
        ...(task === undefined ? {} : { task }),
      }));
    }
    case 'content-safety':
      return bindGuardrail(config, new ContentSafety({ targetFpr, tier }), (text, { asked }) =>
        stage === 'output' ? answerTo(asked ?? '', text) : { input: text },
      );
    case 'action-safety':
      return bindGuardrail(config, new ActionSafety(), (text) => ({
        trajectory: [{ role: stage === 'output' ? 'assistant' : 'tool', content: text }],
      }));
    case 'pii':
      return bindGuardrail(config, new PII(), (text) => ({ text }));
  }
}

/** What scores live answers: the evaluators of the gate, and whether the answer helped. */
export function liveScorers(tier: ScoringTier): Scorer[] {
  const { content, action, helpful } = scoringEvaluators(tier);
  return [
    bindScorer('content-safety', content, ({ asked, output }) => answerTo(asked, output)),
    bindScorer('action-safety', action, ({ input, output, context }) => ({
      trajectory: [
        { role: 'user', content: input },
        ...(context === '' ? [] : [{ role: 'tool', content: context }]),
        { role: 'assistant', content: output },
      ],
    })),
    bindScorer('is-helpful', helpful, ({ input, output }) => ({ input, output })),
  ];
}
