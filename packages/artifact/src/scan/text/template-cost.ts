/**
 * How much a template makes of nothing: work and text that it asks for whatever it is given (rule G-2).
 *
 * Nothing is rendered. Lengths and rounds are estimated from the constants of the template; a loop over
 * data counts for a few rounds, data for one character. What remains is growth that the template alone
 * causes: texts that double, loops and macros in one another, lists that grow while they are walked.
 *
 * @module
 */
import type { Expression, Leaf } from './template-expression.ts';
import { isLeaf, partsOf } from './template-expression.ts';
import type { Block, Statement } from './template-statement.ts';
import { bodyOf } from './template-statement.ts';

const MAX_WORK = 1e7;
const MAX_LENGTH = 1e7;
/** Rounds that a loop over data counts for. */
const DATA_ROUNDS = 10;
const MAX_STEPS = 500_000;
/** Rounds of a loop that are followed: of a sum of sums the third adds half again, of a doubling twice. */
const FOLLOWED_ROUNDS = 3;
/** Growth in one round over that in the one before which is no longer a text that is added to. */
const STEEPER = 1.6;
const GROWERS = new Set(['append', 'extend', 'insert', 'add', 'update']);
const PADDERS = new Set(['center', 'ljust', 'rjust', 'zfill', 'indent', 'lipsum', 'expandtabs']);

/** What is wrong with the work that the statements are, or null. */
export function costOf(statements: readonly Statement[]): string | null {
  const estimate = new Estimate();
  const work = estimate.run(statements);
  if (estimate.problem !== null) return estimate.problem;
  return work > MAX_WORK ? 'asks for more than ten million steps of work' : null;
}

class Estimate {
  problem: string | null = null;
  readonly #lengths = new Map<string, number>();
  readonly #macros = new Map<string, { readonly work: number; readonly length: number }>();
  /** Names of lists, by other names that they were given. */
  readonly #aliases = new Map<string, string>();
  /** What the loops around walk. */
  readonly #walked: string[] = [];
  #steps = 0;
  #written = 0;

  run(statements: readonly Statement[]): number {
    let work = 0;
    for (const statement of statements) {
      this.#steps += 1;
      if (this.#steps > MAX_STEPS) this.problem ??= 'is too large for its work to be estimated';
      if (this.problem !== null) return work;
      work += this.#statement(statement);
    }
    return work;
  }

  #statement(statement: Statement): number {
    switch (statement.kind) {
      case 'evaluate':
        for (const value of statement.values) this.#written += this.length(value);
        return this.#work(statement.values);
      case 'assign':
        for (const target of statement.targets) {
          this.#aliases.set(target, this.#listOf(statement.value));
          this.#assign(target, this.length(statement.value));
        }
        return this.#work([statement.value]);
      case 'loop':
        return this.#loop(statement);
      case 'macro': {
        this.#macros.set(statement.name, { work: 1, length: 1 });
        const { work, length } = this.#captured(statement);
        this.#macros.set(statement.name, { work, length });
        return 1;
      }
      case 'capture': {
        const { work, length } = this.#captured(statement);
        for (const target of statement.targets) this.#assign(target, length);
        return work;
      }
      case 'call':
        // The macro may ask for the body each time that it does anything.
        return Math.max(1, this.#work(statement.values)) * (1 + this.#captured(statement).work);
      case 'choice':
      case 'group':
        return this.#work(statement.values) + this.run(bodyOf(statement));
    }
  }

  #captured(of: Block): { readonly work: number; readonly length: number } {
    const before = this.#written;
    this.#written = 0;
    const work = 1 + this.run(bodyOf(of));
    const length = Math.max(1, this.#written);
    this.#written = before;
    return { work, length };
  }

  #loop(of: Block): number {
    const [sequence] = of.values;
    const constant = sequence === undefined ? null : this.#rounds(sequence);
    const rounds = constant ?? DATA_ROUNDS;
    const length = sequence === undefined ? 1 : this.length(sequence);
    for (const target of of.targets) this.#lengths.set(target, length);
    this.#walked.push(sequence === undefined ? '' : this.#listOf(sequence));
    const states = [new Map(this.#lengths)];
    const written = [this.#written];
    let work = 0;
    for (let round = 0; round < FOLLOWED_ROUNDS; round += 1) {
      work = this.run(bodyOf(of));
      states.push(new Map(this.#lengths));
      written.push(this.#written);
    }
    this.#walked.pop();
    for (const name of this.#lengths.keys()) {
      const sizes = states.map((state) => state.get(name) ?? 1);
      this.#assign(name, this.#grown(sizes, rounds, constant === null));
    }
    this.#written = this.#grown(written, rounds, constant === null);
    return this.#work(of.values) + rounds * work;
  }

  /** The length behind the loop, of the lengths before it and after each round that was followed. */
  #grown(sizes: readonly number[], rounds: number, isData: boolean): number {
    const [before = 1, last = 1] = sizes.slice(-2);
    const [growth, next] = [before - (sizes.at(-3) ?? 1), last - before];
    const more = Math.max(0, rounds - FOLLOWED_ROUNDS);
    if (next <= growth * STEEPER || next <= 1) return last + more * next;
    if (isData) this.problem ??= 'lets a text grow by itself in every round of a loop';
    return last * (last / Math.max(1, before)) ** more;
  }

  #assign(name: string, length: number): void {
    const known = Math.max(1, length);
    if (known > MAX_LENGTH) this.problem ??= 'makes a text of more than ten million characters';
    this.#lengths.set(name, known);
  }

  #work(values: readonly Expression[]): number {
    let work = 1;
    for (const value of values) work += this.#calls(value, 0);
    return work;
  }

  /** The work of the macros that an expression calls; lists that grow while they are walked. */
  #calls(expression: Expression, depth: number): number {
    if (depth > 64) return 0;
    let work = 0;
    if (expression.kind === 'call') {
      const { of } = expression;
      if (of.kind === 'name') work += this.#macros.get(of.name)?.work ?? 0;
      if (of.kind === 'attribute' && GROWERS.has(of.name)) this.#grows(of.of);
    }
    for (const part of partsOf(expression)) work += this.#calls(part, depth + 1);
    return work;
  }

  #grows(of: Expression): void {
    const root = this.#listOf(of);
    if (root !== '' && this.#walked.includes(root)) {
      this.problem ??= 'adds to a list while it is walked, which never ends';
    }
  }

  /** The name under which a list was first known, or ''. */
  #listOf(of: Expression): string {
    const root = rootOf(of);
    const alias = this.#aliases.get(root) ?? '';
    return alias === '' ? root : alias;
  }

  /** Characters or items of a value, as far as the template alone makes them. */
  length(expression: Expression, depth = 0): number {
    if (depth > 64) return 1;
    const inner = (of: Expression): number => this.length(of, depth + 1);
    if (isLeaf(expression)) return this.#leaf(expression);
    if (expression.kind === 'attribute' || expression.kind === 'item') {
      return this.#lengths.get(pathOf(expression)) ?? inner(expression.of);
    }
    return this.#composed(expression, inner);
  }

  #composed(
    expression: Exclude<Expression, Leaf | { readonly kind: 'attribute' | 'item' }>,
    inner: (of: Expression) => number,
  ): number {
    switch (expression.kind) {
      case 'binary':
        return this.#binary(expression, inner);
      case 'choice':
        return Math.max(...expression.of.map(inner));
      case 'list':
        return sum(expression.items.map(inner));
      case 'call':
        return this.#called(expression, inner);
      case 'filter':
        return made(expression.name, expression.of, expression.args, inner);
      case 'slice':
      case 'test':
        return 1;
    }
  }

  #leaf(expression: Leaf): number {
    if (expression.kind === 'text') return expression.value.length;
    return expression.kind === 'name' ? (this.#lengths.get(expression.name) ?? 1) : 1;
  }

  #binary(
    { operator, left, right }: Extract<Expression, { readonly kind: 'binary' }>,
    inner: (of: Expression) => number,
  ): number {
    if (operator === '+' || operator === '~') return inner(left) + inner(right);
    if (operator === 'or') return Math.max(inner(left), inner(right));
    if (operator === 'and') return inner(right); // the left one stands only where it is empty
    if (operator === '%') return inner(left) + inner(right);
    if (operator !== '*') return 1;
    const [a, b] = [constantOf(left), constantOf(right)];
    if (a !== null && b !== null) return 1;
    return Math.max(1, inner(left) * (b ?? 1), inner(right) * (a ?? 1));
  }

  #called(
    expression: Extract<Expression, { readonly kind: 'call' }>,
    inner: (of: Expression) => number,
  ): number {
    const { of, args } = expression;
    if (of.kind === 'attribute') return made(of.name, of.of, args, inner);
    if (of.kind !== 'name') return sum(args.map(inner));
    if (of.name === 'range') return this.#rounds(expression) ?? 1;
    return this.#macros.get(of.name)?.length ?? sum(args.map(inner));
  }

  /** How often a loop over `range` goes round, where constants say so; null over data. */
  #rounds(sequence: Expression): number | null {
    if (sequence.kind === 'filter') return this.#rounds(sequence.of);
    if (sequence.kind === 'list') return sequence.items.length;
    if (sequence.kind !== 'call' || sequence.of.kind !== 'name') {
      const length = this.length(sequence);
      return length > DATA_ROUNDS ? length : null;
    }
    if (sequence.of.name !== 'range') return null;
    const limits = sequence.args.map((arg) => constantOf(arg));
    if (limits.includes(null)) return null;
    return Math.max(0, ...limits.map((limit) => limit ?? 0));
  }
}

/** The length of what a filter or a method of text gives. */
function made(
  name: string,
  of: Expression,
  args: readonly Expression[],
  inner: (of: Expression) => number,
): number {
  const own = Math.max(1, inner(of));
  const given = args.map(inner);
  if (name === 'replace') return own * Math.max(1, given[1] ?? 1);
  if (name === 'join') return own * Math.max(1, ...given);
  if (PADDERS.has(name)) return Math.max(own, ...args.map((arg) => constantOf(arg) ?? 1));
  return own + sum(given);
}

/** The number that an expression of constants is, or null. */
export function constantOf(expression: Expression, depth = 0): number | null {
  if (depth > 16) return null;
  if (expression.kind === 'number') return expression.value;
  if (expression.kind === 'filter') return converted(expression.name, expression.of, depth + 1);
  if (expression.kind === 'choice') {
    const values = expression.of.map((value) => constantOf(value, depth + 1));
    return values.includes(null) ? null : Math.max(...values.map((value) => value ?? 0));
  }
  if (expression.kind !== 'binary') return null;
  const left = constantOf(expression.left, depth + 1);
  const right = constantOf(expression.right, depth + 1);
  if (left === null || right === null) return null;
  return finite(OPERATIONS.get(expression.operator)?.(left, right) ?? Number.NaN);
}

const OPERATIONS: ReadonlyMap<string, (left: number, right: number) => number> = new Map([
  ['+', (left: number, right: number): number => left + right],
  ['-', (left: number, right: number): number => left - right],
  ['*', (left: number, right: number): number => left * right],
  ['**', (left: number, right: number): number => Math.min(left ** right, Number.MAX_VALUE)],
  ['/', (left: number, right: number): number => left / right],
  ['//', (left: number, right: number): number => left / right],
]);

function converted(name: string, of: Expression, depth: number): number | null {
  if (!/^(?:int|float|abs|round)$/.test(name)) return null;
  return of.kind === 'text' ? finite(Number(of.value)) : constantOf(of, depth);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** `a.b.c` of attributes of a name, as assignments write it; '' of anything else. */
function pathOf(expression: Expression): string {
  if (expression.kind === 'name') return expression.name;
  if (expression.kind !== 'attribute') return '';
  const of = pathOf(expression.of);
  return of === '' ? '' : `${of}.${expression.name}`;
}

/** The name that an expression reads from, through attributes, items and filters; or ''. */
function rootOf(expression: Expression): string {
  let at = expression;
  for (let depth = 0; depth < 64; depth += 1) {
    if (at.kind === 'name') return at.name;
    if (at.kind !== 'attribute' && at.kind !== 'item' && at.kind !== 'filter') return '';
    const path = pathOf(at);
    if (path !== '') return path;
    at = at.of;
  }
  return '';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
