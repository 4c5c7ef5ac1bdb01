/**
 * The small faults that tests must notice: one changed place of a source file each.
 *
 * Types, imports and the wording of messages are left alone: no behaviour hangs on them.
 *
 * @module
 */
import { parseSync } from 'oxc-parser';

export interface Mutant {
  /** Offset of the first replaced UTF-16 unit, and of the first one after. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** From 1. */
  readonly line: number;
}

/** A node as the parser gives it; only what is read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

type Edit = Omit<Mutant, 'line'>;

const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&&': ['||'],
  '||': ['&&'],
};
const METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  ceil: 'floor',
  floor: 'ceil',
};

/** Every mutant of a source text, in the order of their places. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const { program, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const edits: Edit[] = [];
  walk(program as unknown as Node, edits, text);
  const unique = new Map(edits.map((e) => [`${e.start} ${e.end} ${e.replacement}`, e]));
  return [...unique.values()]
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map((edit) => ({ ...edit, line: text.slice(0, edit.start).split('\n').length }));
}

/** The text with one place replaced. */
export function applied(text: string, { start, end, replacement }: Edit): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function walk(node: Node, edits: Edit[], text: string): void {
  if (isSilent(node)) return;
  edits.push(...editsOf(node, text));
  for (const [key, value] of Object.entries(node)) {
    if (key === 'typeAnnotation' || key === 'typeArguments' || key === 'returnType') continue;
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) walk(child, edits, text);
    }
  }
}

function isSilent({ type }: Node): boolean {
  return (
    (type.startsWith('TS') && !type.endsWith('Expression')) ||
    type.startsWith('Import') ||
    type === 'ExportAllDeclaration' ||
    type === 'TemplateLiteral'
  );
}

type Edits = (node: Node, text: string) => readonly Edit[];

const branchEdits: Edits = ({ test }) => ['true', 'false'].map((r) => replace(test, r));
// Braces keep an `if` without block whole.
const removal: Edits = (node) => [replace(node, '{}')];

const EDITS: Readonly<Record<string, Edits>> = {
  BinaryExpression: operatorEdits,
  LogicalExpression: operatorEdits,
  IfStatement: branchEdits,
  ConditionalExpression: branchEdits,
  WhileStatement: ({ test }) => [replace(test, 'false')],
  UnaryExpression: ({ operator, start }) =>
    operator === '!' ? [{ start, end: start + 1, replacement: '' }] : [],
  Literal: literalEdits,
  CallExpression: methodEdits,
  ExpressionStatement: removal,
  ThrowStatement: removal,
};

function editsOf(node: Node, text: string): readonly Edit[] {
  return Object.hasOwn(EDITS, node.type) ? (EDITS[node.type]?.(node, text) ?? []) : [];
}

function operatorEdits(node: Node, text: string): readonly Edit[] {
  const { left, right } = node;
  const operator = String(node['operator']);
  if (!isNode(left) || !isNode(right) || !Object.hasOwn(OPERATORS, operator)) return [];
  const at = text.indexOf(operator, left.end);
  if (at < 0 || at >= right.start) return [];
  return (OPERATORS[operator] ?? []).map((replacement) => ({
    start: at,
    end: at + operator.length,
    replacement,
  }));
}

function literalEdits(node: Node): readonly Edit[] {
  const { value } = node;
  if (typeof value === 'boolean') return [replace(node, String(!value))];
  if (typeof value === 'number') return [replace(node, String(value + 1))];
  if (typeof value === 'bigint') return [replace(node, `${value + 1n}n`)];
  return [];
}

function methodEdits(node: Node, text: string): readonly Edit[] {
  const { callee } = node;
  if (!isNode(callee) || callee.type !== 'MemberExpression') return [];
  const { object, property } = callee;
  if (!isNode(object) || !isNode(property) || callee['computed'] === true) return [];
  const name = text.slice(property.start, property.end);
  const swapped = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (swapped !== undefined) return [replace(property, swapped)];
  // Without the call: what it removes or orders stays.
  return name === 'filter' || name === 'toSorted' || name === 'slice'
    ? [{ start: object.end, end: node.end, replacement: '' }]
    : [];
}

function replace(node: unknown, replacement: string): Edit {
  if (!isNode(node)) throw new Error('a node was expected');
  return { start: node.start, end: node.end, replacement };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
