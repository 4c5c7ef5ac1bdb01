/**
 * What the pickle machine knows about the values that a load would build.
 *
 * Nothing is built: text and bytes are a place in the stream until someone asks, lists and sets are
 * only weighed, and small dicts keep their entries. `weight` counts the leaves a walk of the value
 * would meet, which is what shared references multiply.
 *
 * @module
 */
import type { ByteSource } from '../byte-source.ts';
import { latin1 } from '../byte-source.ts';
import type { CallRule } from './call-rule.ts';

export interface Text {
  readonly kind: 'text';
  /** Null when longer than `MAX_TEXT_BYTES`. */
  readonly value: string | null;
}

/** ASCII text of the stream, read when it is asked for: most texts of a pickle never are. */
export class StreamText implements Text {
  readonly kind = 'text';
  readonly #source: ByteSource;
  readonly #start: number;
  readonly #length: number;

  constructor(source: ByteSource, start: number, length: number) {
    this.#source = source;
    this.#start = start;
    this.#length = length;
  }

  get value(): string {
    return latin1(this.#source.read(this.#start, this.#length));
  }
}

export interface Bytes {
  readonly kind: 'bytes';
  /** Offset of the first byte in the stream, or -1 when the bytes were converted from text. */
  readonly start: number;
  readonly length: number;
}

export interface Int {
  readonly kind: 'int';
  /** Null when longer than 16 bytes. */
  readonly value: number | bigint | null;
}

export interface Atom {
  readonly kind: 'atom';
  readonly name: 'None' | 'True' | 'False' | 'float';
}

export interface Tuple {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
  readonly weight: number;
}

export interface Container {
  readonly kind: 'list' | 'dict' | 'set';
  /** Keys and values of a dict by turns, as they were set; null when they are not kept. */
  pairs: Value[] | null;
  weight: number;
}

export interface Global {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
  /** How it may be called; null when the import is denied. */
  readonly rule: CallRule | null;
}

export interface Instance {
  readonly kind: 'object';
  readonly callee: Value;
  readonly args: Value;
  state: Value | null;
  weight: number;
}

/** What a persistent id stands for: known to the loading program only. */
export interface Persistent {
  readonly kind: 'persistent';
  readonly id: Value;
}

export type Value = Text | Bytes | Int | Atom | Tuple | Container | Global | Instance | Persistent;

/** Shared by all dicts until something is added: most of what a pickle builds stays without pairs. */
const NO_PAIRS: Value[] = [];

export const MAX_TEXT_BYTES = 1024;
const MAX_PAIRS = 256;
const MAX_WEIGHT = 1e15;

export const NONE: Atom = { kind: 'atom', name: 'None' };
export const TRUE: Atom = { kind: 'atom', name: 'True' };
export const FALSE: Atom = { kind: 'atom', name: 'False' };
export const FLOAT: Atom = { kind: 'atom', name: 'float' };
export const EMPTY_TUPLE: Tuple = { kind: 'tuple', items: [], weight: 1 };
export const LONG_TEXT: Text = { kind: 'text', value: null };

export function text(value: string): Text {
  return value.length > MAX_TEXT_BYTES ? LONG_TEXT : { kind: 'text', value };
}

const SMALL_INTS: readonly Int[] = Array.from({ length: 256 }, (_, value) => ({
  kind: 'int',
  value,
}));

export function int(value: bigint | number | null): Int {
  return (typeof value === 'number' ? SMALL_INTS[value] : undefined) ?? { kind: 'int', value };
}

export function tuple(items: readonly Value[]): Tuple {
  let weight = 1;
  for (const item of items) weight += weightOf(item);
  return { kind: 'tuple', items, weight: Math.min(MAX_WEIGHT, weight) };
}

/** An empty list, set or dict; entries are known only of a dict that keeps them. */
export function container(
  kind: Container['kind'],
  keepsEntries: boolean = kind === 'dict',
): Container {
  return { kind, pairs: keepsEntries ? NO_PAIRS : null, weight: 1 };
}

export function instance(callee: Value, args: Value): Instance {
  return { kind: 'object', callee, args, state: null, weight: 1 + weightOf(args) };
}

/** Adds an item of a list or set, which is weighed and not kept. */
export function addItem(target: Container | Instance, item: Value): void {
  target.weight = Math.min(MAX_WEIGHT, target.weight + weightOf(item));
}

/** Adds an entry of a dict. A dict with too many is weighed and not kept. */
export function addEntry(target: Container | Instance, key: Value, value: Value): void {
  target.weight = Math.min(MAX_WEIGHT, target.weight + weightOf(key) + weightOf(value));
  if (target.kind === 'object' || target.pairs === null) return;
  if (target.pairs === NO_PAIRS) target.pairs = [key, value];
  else if (target.pairs.length < 2 * MAX_PAIRS) target.pairs.push(key, value);
  else target.pairs = null;
}

/**
 * The entries of a dict whose keys are all literal text, the last value of a key as a load keeps it.
 * Null for anything else, and where not all were kept: an unknown entry may be the one that counts.
 */
export function entriesOf(value: Value | null | undefined): ReadonlyMap<string, Value> | null {
  if (value?.kind !== 'dict' || value.pairs === null) return null;
  const entries = new Map<string, Value>();
  for (let at = 0; at + 1 < value.pairs.length; at += 2) {
    const [key, item] = [textOf(value.pairs[at]), value.pairs[at + 1]];
    if (key === null || item === undefined) return null;
    entries.set(key, item);
  }
  return entries;
}

export function weightOf(value: Value): number {
  switch (value.kind) {
    case 'tuple':
    case 'list':
    case 'dict':
    case 'set':
    case 'object':
      return value.weight;
    case 'text':
    case 'bytes':
    case 'int':
    case 'atom':
    case 'global':
    case 'persistent':
      return 1;
  }
}

/** The integer of a value as a safe non-negative number, or null. */
export function sizeOf(value: Value | undefined): number | null {
  if (value?.kind !== 'int' || value.value === null) return null;
  const size = Number(value.value);
  return size >= 0 && Number.isSafeInteger(size) ? size : null;
}

export function textOf(value: Value | undefined): string | null {
  return value?.kind === 'text' ? value.value : null;
}

/** Whether the value is that import. */
export function isGlobal(value: Value | undefined, module: string, name: string): boolean {
  return value?.kind === 'global' && value.module === module && value.name === name;
}

export function isContainer(value: Value): value is Container {
  return value.kind === 'list' || value.kind === 'dict' || value.kind === 'set';
}

/** A short rendering for a message. */
export function describe(value: Value, depth = 0): string {
  if (isContainer(value) || value.kind === 'persistent') return `a ${value.kind}`;
  switch (value.kind) {
    case 'text':
    case 'int':
      return describeLiteral(value);
    case 'bytes':
      return `${value.length} bytes`;
    case 'atom':
      return value.name;
    case 'global':
      return `${value.module}.${value.name}`;
    case 'tuple':
      return describeTuple(value, depth);
    case 'object':
      return describeInstance(value);
  }
}

function describeLiteral({ kind, value }: Text | Int): string {
  if (value === null) return `a long ${kind}`;
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : `${value}`.slice(0, 24);
}

function describeInstance({ callee }: Instance): string {
  return callee.kind === 'global' ? `${callee.name}(...)` : 'a computed value';
}

function describeTuple({ items }: Tuple, depth: number): string {
  if (depth > 1) return '(...)';
  const shown = items.slice(0, 4).map((item) => describe(item, depth + 1));
  return `(${shown.join(', ')}${items.length > 4 ? ', ...' : ''})`;
}
