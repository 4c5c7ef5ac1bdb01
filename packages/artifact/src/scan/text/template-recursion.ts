/**
 * Macros and loops that call themselves (rule G-2).
 *
 * Templates walk nested data so: a macro calls itself with a part of what it was given. That ends with
 * the data. A call without such a part, or two with the same part on one way through the macro, doubles
 * the work with every level and ends when nobody waits any more.
 *
 * @module
 */
import type { Expression, Leaf } from './template-expression.ts';
import { isLeaf, partsOf } from './template-expression.ts';
import type { Block, Statement } from './template-statement.ts';
import { bodyOf } from './template-statement.ts';

/** A part of a parameter, as a path; `*` is any one. */
type Part = string;

interface Call {
  readonly callee: string;
  /** The part that the call passes on, or null. */
  readonly part: Part | null;
}

const ALL_OF = new Set(['items', 'values', 'keys', 'dictsort', 'list', 'sort', 'reverse', 'get']);
const MAX_DEPTH = 64;

/** What is wrong with how macros call each other, or null. */
export function recursionOf(statements: readonly Statement[]): string | null {
  const macros: Block[] = [];
  collect(statements, macros);
  const names = new Set(macros.map(({ name }) => name));
  if (passesMacro(statements, names)) return 'passes a macro on as a value';
  const calls = new Map<string, Call[]>();
  for (const macro of macros) {
    const walk = new Walk(macro, names);
    calls.set(macro.name, [...(calls.get(macro.name) ?? []), ...walk.calls]);
  }
  for (const macro of macros) {
    const callees = new Walk(macro, names, (callee) => reaches(calls, callee, macro.name));
    if (callees.twice) return `calls ${macro.name} more than once with the same part of its data`;
  }
  const flat = new Map<string, Call[]>(
    [...calls].map(([name, of]) => [name, of.filter(({ part }) => part === null)]),
  );
  const endless = [...names].find((name) =>
    (flat.get(name) ?? []).some(({ callee }) => reaches(flat, callee, name)),
  );
  if (endless === undefined) return null;
  return `calls ${endless} from itself with nothing that becomes smaller`;
}

function collect(statements: readonly Statement[], macros: Block[]): void {
  for (const statement of statements) {
    if (statement.kind === 'evaluate' || statement.kind === 'assign') continue;
    if (statement.kind === 'macro' || statement.name === 'loop') macros.push(statement);
    collect(bodyOf(statement), macros);
  }
}

/** Whether one macro calls another, over any others. */
function reaches(calls: ReadonlyMap<string, readonly Call[]>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    for (const { callee } of calls.get(name) ?? []) open.push(callee);
  }
  return false;
}

function passesMacro(statements: readonly Statement[], names: ReadonlySet<string>): boolean {
  return statements.some((statement) => {
    if (statement.kind === 'evaluate') return statement.values.some((v) => isPassed(v, names, 0));
    if (statement.kind === 'assign') return isPassed(statement.value, names, 0);
    const inTag = statement.values.some((v) => isPassed(v, names, 0));
    return inTag || passesMacro(bodyOf(statement), names);
  });
}

/** Whether a macro is named without being called. */
function isPassed(expression: Expression, names: ReadonlySet<string>, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  if (expression.kind === 'name') return names.has(expression.name) && expression.name !== 'loop';
  const parts = partsOf(expression);
  const [of] = parts;
  const isUsed =
    expression.kind === 'call' || expression.kind === 'test' || expression.kind === 'attribute';
  // `f(x)`, `f is defined`, `f.name`
  const rest = isUsed && of?.kind === 'name' ? parts.slice(1) : parts;
  return rest.some((part) => isPassed(part, names, depth + 1));
}

/** One macro, walked in order: which parts of its parameters its calls pass on. */
class Walk {
  readonly calls: Call[] = [];
  twice = false;
  readonly #names: ReadonlySet<string>;
  readonly #comesBack: (callee: string) => boolean;
  readonly #parts = new Map<string, Part>();
  #seen = new Set<string>();
  /** What the loops around the call walk; null where it is no part of a parameter. */
  readonly #loops: (Part | null)[] = [];

  constructor(
    macro: Block,
    names: ReadonlySet<string>,
    comesBack: (callee: string) => boolean = () => false,
  ) {
    this.#names = names;
    this.#comesBack = comesBack;
    for (const target of macro.targets) this.#parts.set(target, target);
    this.#walk(bodyOf(macro));
  }

  #walk(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'evaluate') {
        for (const value of statement.values) this.#expression(value, 0);
      } else if (statement.kind === 'assign') {
        this.#expression(statement.value, 0);
        this.#name(statement.targets, this.#partOf(statement.value), '');
      } else if (statement.kind !== 'macro') {
        this.#block(statement);
      }
    }
  }

  #block(of: Block): void {
    for (const value of of.values) this.#expression(value, 0);
    if (of.kind !== 'loop') return this.#branches(of);
    const [sequence] = of.values;
    const part = sequence === undefined ? null : this.#partOf(sequence);
    this.#name(of.targets, part, '.*');
    this.#loops.push(part);
    this.#branches(of);
    this.#loops.pop();
  }

  #branches(of: Block): void {
    const before = this.#seen;
    const after = new Set(before);
    for (const branch of of.branches) {
      this.#seen = new Set(of.kind === 'choice' ? before : after);
      this.#walk(branch);
      for (const part of this.#seen) after.add(part);
    }
    this.#seen = after;
  }

  #name(targets: readonly string[], part: Part | null, more: string): void {
    for (const target of targets) {
      if (part === null) this.#parts.delete(target);
      else this.#parts.set(target, part + more);
    }
  }

  #expression(expression: Expression, depth: number): void {
    if (depth > MAX_DEPTH) return;
    if (expression.kind === 'call' && expression.of.kind === 'name') {
      const { name } = expression.of;
      if (this.#names.has(name)) this.#call(name, expression.args);
    }
    for (const part of partsOf(expression)) this.#expression(part, depth + 1);
  }

  #call(callee: string, args: readonly Expression[]): void {
    const parts = args.map((arg) => this.#partOf(arg)).filter((part) => part?.includes('.'));
    const part = parts[0] ?? null;
    this.calls.push({ callee, part });
    if (!this.#comesBack(callee)) return;
    const key = part ?? '';
    if (this.#seen.has(key) || !this.#turnsWithLoop(key)) this.twice = true;
    this.#seen.add(key);
  }

  /** Whether a part is another one in each round of the loop around, where there is one. */
  #turnsWithLoop(part: Part): boolean {
    const loop = this.#loops.at(-1);
    return loop === undefined || (loop !== null && part.startsWith(`${loop}.*`));
  }

  /** Which part of a parameter a value is; null when it is none, or may be as large. */
  #partOf(expression: Expression): Part | null {
    if (isLeaf(expression)) {
      return expression.kind === 'name' ? (this.#parts.get(expression.name) ?? null) : null;
    }
    if (expression.kind === 'attribute') return this.#step(expression.of, expression.name);
    if (expression.kind === 'item') return this.#item(expression.of, expression.index);
    return this.#made(expression);
  }

  #made(
    expression: Exclude<Expression, Leaf | { readonly kind: 'attribute' | 'item' }>,
  ): Part | null {
    switch (expression.kind) {
      case 'filter':
        return ALL_OF.has(expression.name) ? this.#partOf(expression.of) : null;
      case 'call':
        return this.#method(expression);
      case 'choice':
        return this.#either(expression.of);
      case 'binary':
        return expression.operator === 'or' ? this.#partOf(expression.left) : null;
      case 'list':
      case 'slice':
      case 'test':
        return null;
    }
  }

  /** A number as index gives a character of a text, too, which is no smaller. */
  #item(of: Expression, index: Expression): Part | null {
    if (index.kind === 'text') return this.#step(of, index.value);
    return index.kind === 'name' ? this.#step(of, '*') : null;
  }

  #either(values: readonly Expression[]): Part | null {
    const parts = values.map((value) => this.#partOf(value));
    return parts.includes(null) ? null : (parts[0] ?? null);
  }

  #step(of: Expression, name: string): Part | null {
    const part = this.#partOf(of);
    return part === null ? null : `${part}.${name}`;
  }

  #method({ of, args }: Extract<Expression, { readonly kind: 'call' }>): Part | null {
    if (of.kind !== 'attribute' || !ALL_OF.has(of.name)) return null;
    const [key] = args;
    if (of.name !== 'get') return this.#partOf(of.of);
    return this.#step(of.of, key?.kind === 'text' ? key.value : '*');
  }
}
