/**
 * A dataset row out of the spans of one trace.
 *
 * The gateway's spans carry no text unless the operator's tracer adds it; then the text comes from the
 * caller. What the span does say (model, version, why it was stopped) goes into the row.
 *
 * @module
 */
import type { JsonObject } from '@proofmark/core';
import type { Span } from '@proofmark/trace';

import { CliError } from '../errors.ts';

const INPUTS = ['gen_ai.input.messages', 'input.value', 'gen_ai.prompt'];
const OUTPUTS = ['gen_ai.output.messages', 'output.value', 'gen_ai.completion'];

/** @throws {CliError} CLI_USAGE when the trace is unknown, or holds no text and none was given */
export function spanRow(
  traceId: string,
  spans: readonly Span[],
  given: string | undefined,
): JsonObject {
  const span = spans.find(({ attributes }) => 'llm.model_name' in attributes) ?? spans[0];
  if (span === undefined) throw new CliError('CLI_USAGE', 'cannot add: no such trace is stored');
  const text = given ?? attribute(spans, INPUTS);
  if (text === undefined) {
    throw new CliError(
      'CLI_USAGE',
      'cannot add: the spans of this trace carry no text; give the request with --text FILE',
    );
  }
  const output = attribute(spans, OUTPUTS);
  const [model, version] = ['llm.model_name', 'llm.model_version'].map(
    (name) => span.attributes[name],
  );
  return {
    id: `trace-${traceId}`,
    traceId,
    text,
    ...(output === undefined ? {} : { output }),
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof version === 'string' ? { modelVersion: version } : {}),
    status: span.status.code,
  };
}

function attribute(spans: readonly Span[], names: readonly string[]): string | undefined {
  for (const { attributes } of spans) {
    for (const name of names) {
      const value = attributes[name];
      if (typeof value === 'string' && value !== '') return value;
    }
  }
  return undefined;
}
