/**
 * What the pickle machine knows about the values that a load would build.
 *
 * Nothing is built: text keeps its characters only up to a length, bytes only their place, and
 * containers only their first items. `weight` counts the leaves a walk of the value would meet,
 * which is what shared references multiply.
 *
 * @module
 */

export interface Text {
  readonly kind: 'text';
  /** Null when longer than `MAX_TEXT_BYTES`. */
  readonly value: string | null;
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
  readonly value: bigint | null;
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
  /** The first items of a list or set. */
  readonly items: Value[];
  /** The first entries of a dict whose keys are text. */
  readonly entries: Map<string, Value>;
  weight: number;
}

export interface Global {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
  readonly allowed: boolean;
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

export const MAX_TEXT_BYTES = 1024;
const MAX_ITEMS = 256;
const MAX_WEIGHT = 1e15;

export const NONE: Atom = { kind: 'atom', name: 'None' };
export const TRUE: Atom = { kind: 'atom', name: 'True' };
export const FALSE: Atom = { kind: 'atom', name: 'False' };
export const FLOAT: Atom = { kind: 'atom', name: 'float' };
export const EMPTY_TUPLE: Tuple = { kind: 'tuple', items: [], weight: 1 };
const LONG_TEXT: Text = { kind: 'text', value: null };

export function text(value: string): Text {
  return value.length > MAX_TEXT_BYTES ? LONG_TEXT : { kind: 'text', value };
}

export function int(value: bigint | number | null): Int {
  return { kind: 'int', value: typeof value === 'number' ? BigInt(value) : value };
}

export function tuple(items: readonly Value[]): Tuple {
  let weight = 1;
  for (const item of items) weight += weightOf(item);
  return { kind: 'tuple', items, weight: Math.min(MAX_WEIGHT, weight) };
}

export function container(kind: Container['kind']): Container {
  return { kind, items: [], entries: new Map(), weight: 1 };
}

export function instance(callee: Value, args: Value): Instance {
  return { kind: 'object', callee, args, state: null, weight: 1 + weightOf(args) };
}

/** Adds an item of a list or set; only the first ones are kept. */
export function addItem(target: Container | Instance, item: Value): void {
  target.weight = Math.min(MAX_WEIGHT, target.weight + weightOf(item));
  if (target.kind !== 'object' && target.items.length < MAX_ITEMS) target.items.push(item);
}

/** Adds an entry of a dict; only the first ones with text keys are kept. */
export function addEntry(target: Container | Instance, key: Value, value: Value): void {
  target.weight = Math.min(MAX_WEIGHT, target.weight + weightOf(key) + weightOf(value));
  if (target.kind === 'object' || key.kind !== 'text' || key.value === null) return;
  if (target.entries.size < MAX_ITEMS || target.entries.has(key.value)) {
    target.entries.set(key.value, value);
  }
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
  if (value.value < 0n || value.value > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return Number(value.value);
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
