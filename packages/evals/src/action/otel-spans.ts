/**
 * OpenTelemetry GenAI spans and events as the messages they record.
 *
 * Understood: `gen_ai.input.messages`, `gen_ai.output.messages` and `gen_ai.system_instructions` of chat
 * spans (JSON text or values), the older indexed `gen_ai.prompt.N.*` and `gen_ai.completion.N.*`, events
 * named `gen_ai.*.message`, attributes as OTLP lists, and OTLP exports (`resourceSpans`). Only reshapes:
 * what comes out is read, bounded and judged like any other message.
 *
 * Semantic conventions for generative AI, https://opentelemetry.io/docs/specs/semconv/gen-ai/.
 *
 * @module
 */
import { isRecord } from '../evaluation.ts';

type Attributes = ReadonlyMap<string, unknown>;

const MAX_ATTRIBUTES = 2_000;

/** The spans of an OTLP export in order of their start; undefined when it is none. */
export function exportedSpans(value: unknown): readonly unknown[] | undefined {
  if (!isRecord(value) || !Array.isArray(value['resourceSpans'])) return undefined;
  const scopes = value['resourceSpans'].flatMap((resource: unknown) =>
    listOf(resource, 'scopeSpans'),
  );
  const spans = scopes.flatMap((scope) => listOf(scope, 'spans'));
  return spans.toSorted((a, b) => startOf(a) - startOf(b));
}

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}

function startOf(span: unknown): number {
  const start = isRecord(span) ? Number(span['startTimeUnixNano'] ?? 0) : 0;
  return Number.isFinite(start) ? start : 0;
}

/** Attributes by name, from an object or an OTLP list. */
export function attributesOf(value: unknown): Attributes {
  if (Array.isArray(value)) {
    return new Map(
      value
        .slice(0, MAX_ATTRIBUTES)
        .flatMap((entry: unknown): readonly (readonly [string, unknown])[] =>
          isRecord(entry) && typeof entry['key'] === 'string'
            ? [[entry['key'], plainValue(entry['value'])]]
            : [],
        ),
    );
  }
  return new Map(isRecord(value) ? Object.entries(value).slice(0, MAX_ATTRIBUTES) : []);
}

/** `{ stringValue: "x" }` is `"x"`. */
function plainValue(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const names = ['stringValue', 'intValue', 'doubleValue', 'boolValue'];
  const held = names.map((name) => value[name]).find((one) => one !== undefined);
  return held ?? value;
}

/** The messages that a chat span records; empty when it records none. */
export function spanMessages(span: Readonly<Record<string, unknown>>): readonly unknown[] {
  const attributes = attributesOf(span['attributes']);
  const system = parsed(attributes.get('gen_ai.system_instructions'));
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    ...asList(parsed(attributes.get('gen_ai.input.messages'))),
    ...indexed(attributes, 'gen_ai.prompt'),
    ...listOf(span, 'events').flatMap(eventMessages),
    ...asList(parsed(attributes.get('gen_ai.output.messages'))),
    ...indexed(attributes, 'gen_ai.completion'),
  ];
}

const EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$|^gen_ai\.choice$/;

/** An event of a span or of a log: `gen_ai.user.message` and the like. */
export function eventMessages(event: unknown): readonly unknown[] {
  if (!isRecord(event)) return [];
  const attributes = attributesOf(event['attributes']);
  const name =
    event['event_name'] ?? event['eventName'] ?? event['name'] ?? attributes.get('event.name');
  const match = typeof name === 'string' ? EVENT.exec(name) : null;
  if (match === null) return [];
  const body = parsed(event['body']) ?? Object.fromEntries(attributes);
  const message = isRecord(body) && isRecord(body['message']) ? body['message'] : body;
  return isRecord(message) ? [{ ...message, role: match[1] ?? 'assistant' }] : [];
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

const MAX_INDEX = 200;

/** `gen_ai.prompt.0.role`, `gen_ai.completion.0.tool_calls.0.name`. */
function indexed(attributes: Attributes, prefix: string): readonly unknown[] {
  const messages: unknown[] = [];
  for (let i = 0; i < MAX_INDEX; i += 1) {
    const role = attributes.get(`${prefix}.${i}.role`);
    const content = parsed(attributes.get(`${prefix}.${i}.content`));
    const calls: unknown[] = [];
    for (let c = 0; c < MAX_INDEX; c += 1) {
      const name = attributes.get(`${prefix}.${i}.tool_calls.${c}.name`);
      if (name === undefined) break;
      calls.push({
        type: 'tool_call',
        name,
        arguments: attributes.get(`${prefix}.${i}.tool_calls.${c}.arguments`),
      });
    }
    if (role === undefined && content === undefined && calls.length === 0) break;
    messages.push({ role, content, tool_calls: calls });
  }
  return messages;
}
