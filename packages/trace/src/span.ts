/**
 * One finished operation, and which model it says it talked to.
 *
 * Attribute names are those of docs/spec/trace-attributes.md: OpenTelemetry GenAI and OpenInference
 * names, plus `llm.model_version`, which neither defines. Reading is tolerant (several names for one
 * thing), writing is not (one name).
 *
 * @module
 */

export type AttributeValue =
  | string
  | number
  | boolean
  | readonly string[]
  | readonly number[]
  | readonly boolean[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanStatus {
  readonly code: 'unset' | 'ok' | 'error';
  /** One sentence for a person; empty unless `error`. Never content, never secrets. */
  readonly message: string;
}

export interface SpanEvent {
  readonly name: string;
  /** Milliseconds since the Unix epoch, may have a fraction. */
  readonly atMs: number;
  readonly attributes: Attributes;
}

export interface Span {
  /** 32 lowercase hex characters, not all zero. */
  readonly traceId: string;
  /** 16 lowercase hex characters, not all zero. */
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since the Unix epoch, may have a fraction. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly status: SpanStatus;
}

export interface SpanModel {
  readonly name: string;
  readonly version: string;
}

/** Names under which a model's name is found, the surest first. */
const NAME_ATTRIBUTES: readonly string[] = [
  'llm.model_name',
  'gen_ai.response.model',
  'gen_ai.request.model',
  'llm.response.model_name',
  'llm.request.model_name',
];

/** GenAI operations that ask a model for something. */
const LLM_OPERATIONS: ReadonlySet<string> = new Set([
  'chat',
  'generate_content',
  'text_completion',
  'embeddings',
]);

/** Whether the span stands for a call of a model, by OpenInference kind or GenAI operation. */
export function isLlmSpan(span: Pick<Span, 'attributes'>): boolean {
  const { attributes } = span;
  const operation = attributes['gen_ai.operation.name'];
  return (
    attributes['openinference.span.kind'] === 'LLM' ||
    (typeof operation === 'string' && LLM_OPERATIONS.has(operation))
  );
}

/**
 * The model and version that the span claims, for spans received from others. A claim, not a fact:
 * the gateway's ledger says what was served.
 */
export function claimedModel(span: Pick<Span, 'attributes'>): SpanModel | null {
  const name = NAME_ATTRIBUTES.map((key) => text(span.attributes[key])).find((v) => v !== '');
  const version = text(span.attributes['llm.model_version']);
  return name === undefined || version === '' ? null : { name, version };
}

/**
 * Whether an LLM span says which model version answered under our own names. A span of ours that
 * does not is a coverage leak and is not exported.
 */
export function isAttributed(span: Pick<Span, 'attributes'>): boolean {
  return (
    text(span.attributes['llm.model_name']) !== '' &&
    text(span.attributes['llm.model_version']) !== ''
  );
}

function text(value: AttributeValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
