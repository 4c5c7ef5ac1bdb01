/**
 * Facts from the front matter of a model card (`README.md`, Hugging Face "Model Cards").
 *
 * Only what the card states at its top level as plain scalars and lists of scalars is read. Block
 * texts, anchors, tags, aliases and nested mappings are left alone: unknown is better than a second
 * opinion about YAML.
 *
 * @module
 */
import type { FactCollector, FactName } from './model-facts.ts';

const MAX_CARD_BYTES = 1024 * 1024;
const MAX_LINES = 2000;
const MAX_ITEMS = 64;

const FACTS: Readonly<Record<string, FactName>> = {
  base_model: 'base-model',
  datasets: 'dataset',
  language: 'language',
  pipeline_tag: 'task',
};

/** What a task takes and gives, after the task list of the Hub. */
const TASK_PORTS: Readonly<Record<string, readonly [input: string, output: string]>> = {
  'text-generation': ['text', 'text'],
  'text2text-generation': ['text', 'text'],
  translation: ['text', 'text'],
  summarization: ['text', 'text'],
  'fill-mask': ['text', 'text'],
  'question-answering': ['text', 'text'],
  'text-classification': ['text', 'labels'],
  'token-classification': ['text', 'labels'],
  'zero-shot-classification': ['text', 'labels'],
  'feature-extraction': ['text', 'embedding'],
  'sentence-similarity': ['text', 'embedding'],
  'image-classification': ['image', 'labels'],
  'object-detection': ['image', 'bounding boxes'],
  'image-segmentation': ['image', 'masks'],
  'image-to-text': ['image', 'text'],
  'image-text-to-text': ['image and text', 'text'],
  'text-to-image': ['text', 'image'],
  'automatic-speech-recognition': ['audio', 'text'],
  'text-to-speech': ['text', 'audio'],
  'audio-classification': ['audio', 'labels'],
};

export function cardFacts(path: string, bytes: Uint8Array, facts: FactCollector): void {
  const text = Buffer.from(bytes.subarray(0, MAX_CARD_BYTES)).toString('utf8');
  const card = readFrontMatter(text);
  for (const [key, name] of Object.entries(FACTS)) {
    for (const value of card.get(key) ?? []) facts.add(name, value);
  }
  for (const licence of licencesOf(card)) facts.add('licence', licence);
  for (const library of card.get('library_name') ?? []) facts.library(library, null, path);
  const task = card.get('pipeline_tag')?.[0] ?? '';
  const ports = Object.hasOwn(TASK_PORTS, task) ? TASK_PORTS[task] : undefined;
  if (ports === undefined) return;
  facts.port('inputs', { name: '', type: ports[0], shape: null });
  facts.port('outputs', { name: '', type: ports[1], shape: null });
}

/** `license: other` refers to `license_name`. */
function licencesOf(card: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const named = card.get('license_name') ?? [];
  return (card.get('license') ?? []).flatMap((id) =>
    id === 'other' && named.length > 0 ? named : [id],
  );
}

/** Top-level keys with their scalars; a key that appears twice keeps none of its values. */
function readFrontMatter(text: string): ReadonlyMap<string, readonly string[]> {
  const lines = text.split(/\r?\n/, MAX_LINES);
  const end = lines.indexOf('---', 1);
  const found = new Map<string, string[]>();
  if (lines[0] !== '---' || end < 0) return found;
  const seen = new Set<string>();
  let list: string[] | null = null;
  for (const line of lines.slice(1, end)) {
    const entry = /^([A-Za-z_][\w-]{0,63}):(?:\s+(.*))?$/.exec(line);
    if (entry === null) {
      list = addItem(line, list);
      continue;
    }
    const [, key = '', rest = ''] = entry;
    list = scalars(rest.trim());
    found.set(key, seen.has(key) ? [] : list);
    seen.add(key);
  }
  return found;
}

/** Adds an item to the list above it; anything nested ends the list: it is not ours to read. */
function addItem(line: string, list: string[] | null): string[] | null {
  const item = /^\s{0,8}-\s+(.*)$/.exec(line)?.[1];
  if (item === undefined) return line.trim() === '' ? list : null;
  const value = scalar(item.trim());
  if (value !== null && list !== null && list.length < MAX_ITEMS) list.push(value);
  return list;
}

function scalars(text: string): string[] {
  if (text.startsWith('[') && text.endsWith(']')) {
    const items = text.slice(1, -1).split(',', MAX_ITEMS);
    return items.map((item) => scalar(item.trim())).filter((item) => item !== null);
  }
  const value = scalar(text);
  return value === null ? [] : [value];
}

/** A plain or quoted scalar, or null for anything else. */
function scalar(text: string): string | null {
  const quoted = /^(?:"([^"\\]*)"|'([^']*)')(?:\s+#.*)?$/.exec(text);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? null;
  const plain = text.replace(/\s+#.*$/, '');
  if (plain === '' || plain === '~' || plain === 'null') return null;
  return /^[&*!|>{}[\]%@`"'#-]/.test(plain) || plain.includes(': ') ? null : plain;
}
