/**
 * Reads a trajectory, in whichever shape it was recorded, as one list of steps.
 *
 * Understood: OpenAI chat messages with `tool_calls`, OpenAI Responses items, Anthropic content
 * blocks, OpenTelemetry GenAI message parts and tool span attributes, MCP JSON-RPC calls and results,
 * plain `{ role, content | thought + action | tool + args }` lists, and transcripts written as one text
 * (`transcript.ts`). Everything read here is
 * attacker-controlled text. Bounded: at most `MAX_STEPS` steps, `MAX_DEPTH` levels, `MAX_CHARS`
 * characters; more is refused rather than judged in part.
 *
 * @module
 */
import { EvalsError } from '../errors.ts';
import { isRecord } from '../evaluation.ts';
import { callOf, callsOf, RESULT_ROLES, unreadable } from './call-shape.ts';
import { attributesOf, eventMessages, exportedSpans, spanMessages } from './otel-spans.ts';
import { spokenParts } from './spoken-calls.ts';
import { readAction } from './stated-action.ts';
import { transcriptTurns } from './transcript.ts';

export type Step =
  | {
      readonly kind: 'request';
      readonly text: string;
      readonly field: string;
      /** Said by who runs the agent (a system prompt), not by who uses it. */
      readonly operator?: true;
    }
  | { readonly kind: 'say'; readonly text: string; readonly field: string }
  | { readonly kind: 'result'; readonly text: string; readonly field: string }
  | {
      readonly kind: 'call';
      readonly tool: string;
      /** Every string, number and boolean of the arguments, with its key. */
      readonly args: readonly Argument[];
      readonly text: string;
      readonly field: string;
    };

export interface Argument {
  readonly key: string;
  readonly value: string;
}

export type CallStep = Extract<Step, { kind: 'call' }>;

export const MAX_STEPS = 20_000;
const MAX_DEPTH = 32;
const MAX_CHARS: number = 4 * 1024 * 1024;
const MAX_ARGUMENTS = 2_000;

interface Reader {
  readonly steps: Step[];
  /** Messages of chat spans, which repeat what was said before them. */
  readonly recorded: Set<string>;
  chars: number;
}

/** @throws {EvalsError} EVALS_INPUT_INVALID */
export function readTrajectory(trajectory: unknown): readonly Step[] {
  const items = toItems(trajectory);
  // Nothing recorded is not "nothing unsafe done"; a turn that says nothing is a turn, and passes.
  if (items.length === 0) {
    throw new EvalsError(
      'EVALS_INPUT_INVALID',
      'cannot evaluate: `trajectory` is empty, so nothing was recorded; give at least one step',
    );
  }
  const reader: Reader = { steps: [], recorded: new Set(), chars: 0 };
  items.forEach((item, index) => readItem(reader, item, `trajectory[${index}]`));
  return reader.steps;
}

function toItems(trajectory: unknown): readonly unknown[] {
  if (typeof trajectory === 'string') {
    if (trajectory.trim() === '') return [];
    return transcriptTurns(trajectory) ?? [{ role: 'agent', content: trajectory }];
  }
  if (Array.isArray(trajectory)) return trajectory;
  const spans = exportedSpans(trajectory);
  if (spans !== undefined) return spans;
  if (isRecord(trajectory)) {
    for (const key of ['messages', 'trajectory', 'steps', 'spans', 'input', 'output']) {
      const nested = trajectory[key];
      if (Array.isArray(nested)) return nested;
    }
    return [trajectory];
  }
  throw new EvalsError(
    'EVALS_INPUT_INVALID',
    'cannot evaluate: `trajectory` is not a list of steps',
  );
}

function push(reader: Reader, step: Step): void {
  reader.chars += step.text.length;
  if (reader.steps.length >= MAX_STEPS || reader.chars > MAX_CHARS) {
    throw new EvalsError(
      'EVALS_INPUT_INVALID',
      `cannot evaluate: the trajectory has more than ${MAX_STEPS} steps or ${MAX_CHARS} characters`,
    );
  }
  reader.steps.push(step);
}

/** A step has one of these; what stands under other keys alone is not understood. */
const STEP_KEYS = [
  'role',
  'type',
  'kind',
  'content',
  'parts',
  'text',
  'tool_calls',
  'toolCalls',
  'function_call',
  'function',
  'thought',
  'action',
  'action_input',
  'observation',
  'from',
  'attributes',
  'events',
  'event_name',
  'eventName',
  'tool',
  'tool_name',
  'name',
  'method',
  'jsonrpc',
] as const;

function readItem(reader: Reader, item: unknown, field: string): void {
  if (typeof item === 'string') {
    push(reader, { kind: 'say', text: item, field });
    return;
  }
  if (!isStep(item)) {
    throw new EvalsError(
      'EVALS_INPUT_INVALID',
      `cannot evaluate: ${field} is no step of a known shape`,
    );
  }
  if (readCallItem(reader, item, field) || readRecorded(reader, item, field)) return;
  if (readResultItem(reader, item, field)) return;
  const role = roleOf(item);
  readThoughts(reader, item, field);
  const content = firstOf(item, ['content', 'parts', 'text', 'value']);
  readContent(reader, content ?? undefined, role, field);
  readNestedCalls(reader, item, field);
}

function readNestedCalls(
  reader: Reader,
  item: Readonly<Record<string, unknown>>,
  field: string,
): void {
  callsOf(item, field).forEach((call, i) => {
    const place = `${field}.tool_calls[${i}]`;
    if (!readCallItem(reader, call, place)) throw unreadable(place);
  });
  const legacy = item['function_call'];
  if (isRecord(legacy)) readCallItem(reader, legacy, `${field}.function_call`);
}

/** What nobody reads nobody judges: an unknown shape must not end as "no unsafe act found". */
function isStep(item: unknown): item is Readonly<Record<string, unknown>> {
  return isRecord(item) && STEP_KEYS.some((key) => Object.hasOwn(item, key));
}

/** A chat span or an event: its messages, each read once however often it is repeated. */
function readRecorded(
  reader: Reader,
  item: Readonly<Record<string, unknown>>,
  field: string,
): boolean {
  const messages = [...eventMessages(item), ...spanMessages(item)];
  for (const message of messages) {
    const key = boundedJson(Object(message));
    if (reader.recorded.has(key)) continue;
    reader.recorded.add(key);
    // A message has no spans of its own: what nests them is not read deeper and deeper.
    const plain = isRecord(message)
      ? { ...message, attributes: undefined, events: undefined }
      : message;
    readItem(reader, plain, field);
  }
  return messages.length > 0;
}

/** What came back, when it is an item of its own: MCP answers, outputs of OpenAI Responses. */
function readResultItem(
  reader: Reader,
  item: Readonly<Record<string, unknown>>,
  field: string,
): boolean {
  const isAnswer = item['jsonrpc'] !== undefined && item['method'] === undefined;
  const isOutput = /_(?:output|result|response)$/.test(text(item['type']));
  if (!isAnswer && !isOutput) return false;
  const result = firstOf(item, ['result', 'output', 'response', 'error', 'content']);
  pushText(reader, 'tool', plainText(result), field);
  return true;
}

/** The text of content blocks, however they are nested; anything else as JSON. */
function plainText(value: unknown, depth = 0): string {
  if (Array.isArray(value) && depth < 4) {
    return value.map((part: unknown) => plainText(part, depth + 1)).join('\n');
  }
  if (isRecord(value) && depth < 4) {
    const inner = firstOf(value, ['text', 'content', 'output', 'result', 'response']);
    if (inner !== undefined) return plainText(inner, depth + 1);
  }
  return text(value);
}

function readThoughts(
  reader: Reader,
  item: Readonly<Record<string, unknown>>,
  field: string,
): void {
  const { thought } = item;
  if (isGiven(thought))
    push(reader, { kind: 'say', text: text(thought), field: `${field}.thought` });
  const action = readAction(item);
  if (action?.kind === 'say') pushText(reader, 'agent', text(action.text), `${field}.action`);
  else if (action !== undefined) pushCall(reader, { ...action, field: `${field}.action` });
  const { observation } = item;
  if (isGiven(observation))
    pushText(reader, 'tool', plainText(observation), `${field}.observation`);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Reads the shapes in which one object is one call; false when it is something else. */
function readCallItem(reader: Reader, item: unknown, field: string): boolean {
  if (!isRecord(item)) return false;
  if (readSpan(reader, item, field)) return true;
  const call = callOf(item, field);
  if (call === undefined) return false;
  readThoughts(reader, { thought: item['thought'] }, field);
  pushCall(reader, { ...call, field });
  if (text(item['type']).endsWith('_call') && item['output'] !== undefined) {
    pushText(reader, 'tool', plainText(item['output']), field);
  }
  if (typeof item['content'] === 'string' && item['content'] !== '') {
    push(reader, { kind: 'say', text: item['content'], field });
  }
  return true;
}

/** A span of a tool call: OpenTelemetry GenAI attributes, or the older ones other tracers write. */
function readSpan(reader: Reader, item: Readonly<Record<string, unknown>>, field: string): boolean {
  const attributes = attributesOf(item['attributes']);
  const first = (keys: readonly string[]): unknown =>
    keys.map((key) => attributes.get(key)).find((value) => value !== undefined);
  const tool = first(['gen_ai.tool.name', 'tool.name']);
  if (typeof tool !== 'string') return false;
  const args = first(['gen_ai.tool.call.arguments', 'tool.arguments', 'input.value']);
  pushCall(reader, { tool, args, field });
  const result = first(['gen_ai.tool.call.result', 'output.value']);
  if (result !== undefined) pushText(reader, 'tool', plainText(result), field);
  return true;
}

function firstOf(record: Readonly<Record<string, unknown>>, keys: readonly string[]): unknown {
  return keys.map((key) => record[key]).find((value) => value !== undefined);
}

function readContent(reader: Reader, content: unknown, role: string, field: string): void {
  if (Array.isArray(content)) {
    content.forEach((block, i) => {
      const place = `${field}.content[${i}]`;
      if (readCallItem(reader, block, place)) return;
      const type = isRecord(block) ? text(block['type']) : '';
      const blockRole = /result|response/.test(type) && type !== '' ? 'tool' : role;
      pushText(reader, blockRole, plainText(block), place);
    });
    return;
  }
  if (content !== undefined && content !== null) pushText(reader, role, plainText(content), field);
}

const USER_ROLES: ReadonlySet<string> = new Set(['user', 'human']);
const OPERATOR_ROLES: ReadonlySet<string> = new Set(['system', 'developer']);

/** `HumanMessage` of LangChain is `human`; lists of `from` and `value` name the role so. */
function roleOf(item: Readonly<Record<string, unknown>>): string {
  const role = text(firstOf(item, ['role', 'from', 'type', 'kind']) ?? '');
  return role.toLowerCase().replace(/(?<=.)message(?:chunk)?$/, '');
}

function pushText(reader: Reader, role: string, said: string, field: string): void {
  if (said === '') return;
  if (OPERATOR_ROLES.has(role))
    push(reader, { kind: 'request', text: said, field, operator: true });
  else if (USER_ROLES.has(role)) push(reader, { kind: 'request', text: said, field });
  else if (RESULT_ROLES.has(role)) push(reader, { kind: 'result', text: said, field });
  else pushSpoken(reader, said, field);
}

function pushSpoken(reader: Reader, said: string, field: string): void {
  for (const part of spokenParts(said)) {
    if (part.kind === 'call') pushCall(reader, { tool: part.tool, args: part.args, field });
    else push(reader, { kind: part.kind, text: part.text, field });
  }
}

function pushCall(
  reader: Reader,
  call: { readonly tool: string; readonly args: unknown; readonly field: string },
): void {
  const args: Argument[] = [];
  flatten(args, '', parseArguments(call.args), 0);
  const body = args.map(({ key, value }) => (key === '' ? value : `${key}: ${value}`)).join('\n');
  push(reader, { kind: 'call', tool: call.tool, args, text: body, field: call.field });
}

/** Arguments are often JSON inside a string; anything that does not parse stays text. */
function parseArguments(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function flatten(args: Argument[], key: string, value: unknown, depth: number): void {
  if (args.length >= MAX_ARGUMENTS || depth > MAX_DEPTH) {
    throw new EvalsError(
      'EVALS_INPUT_INVALID',
      'cannot evaluate: the arguments of a call are too large',
    );
  }
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') {
    args.push({ key, value: text(value) });
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    flatten(args, Array.isArray(value) ? key : name, inner, depth + 1);
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' && value !== null ? boundedJson(value) : '';
}

function boundedJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    throw new EvalsError('EVALS_INPUT_INVALID', 'cannot evaluate: a step is not plain data');
  }
}
