/**
 * Parses Jinja expressions into a tree. The grammar and its precedence are those of Jinja 2.
 *
 * @module
 */
import { fault } from '../errors.ts';
import type { Token } from './template-token.ts';

export type Expression =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'constant' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'slice'; readonly parts: readonly Expression[]; readonly reversed: boolean }
  | { readonly kind: 'call'; readonly of: Expression; readonly args: readonly Expression[] }
  | NamedUse<'filter'>
  | NamedUse<'test'>
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'choice'; readonly of: readonly Expression[]; readonly test: Expression }
  | { readonly kind: 'list'; readonly items: readonly Expression[] };

/** A filter or a test on a value. */
interface NamedUse<Kind extends string> {
  readonly kind: Kind;
  readonly of: Expression;
  readonly name: string;
  readonly args: readonly Expression[];
}

const MAX_DEPTH = 64;
const CONSTANTS = new Set(['true', 'false', 'none', 'True', 'False', 'None']);
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** Reads expressions from the tokens of one tag. */
export class ExpressionParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Takes the next token if it is that name or operator. */
  take(value: string): boolean {
    if (!this.is(value)) return false;
    this.#at += 1;
    return true;
  }

  is(value: string): boolean {
    const token = this.#tokens[this.#at];
    return token !== undefined && token.value === value && token.kind !== 'string';
  }

  expect(value: string): void {
    if (!this.take(value)) throw this.bad(`"${value}" was expected`);
  }

  name(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'name') throw this.bad('a name was expected');
    this.#at += 1;
    return token.value;
  }

  end(): void {
    if (!this.done) throw this.bad('something follows the expression');
  }

  bad(why: string): Error {
    const offset = this.#tokens[this.#at]?.offset ?? this.#tokens.at(-1)?.offset ?? 0;
    return fault('SCAN_MALFORMED', why, offset);
  }

  /** `a, b, c`: one expression or a list of several. */
  tuple(): Expression {
    const first = this.expression();
    if (!this.is(',')) return first;
    const items = [first];
    while (this.take(',')) {
      if (this.done || this.is(')') || this.is('=')) break;
      items.push(this.expression());
    }
    return { kind: 'list', items };
  }

  /** One expression, with `if` and `else`. */
  expression(): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.bad('it nests too deep');
    let value = this.#or();
    while (this.take('if')) {
      const test = this.#or();
      const other = this.take('else') ? [this.expression()] : [];
      value = { kind: 'choice', of: [value, ...other], test };
    }
    this.#depth -= 1;
    return value;
  }

  /** An expression without a trailing `if`, as the sequence of a `for` needs. */
  condition(): Expression {
    return this.#or();
  }

  #or(): Expression {
    return this.#chain(['or'], () => this.#and());
  }

  #and(): Expression {
    return this.#chain(['and'], () => this.#not());
  }

  #not(): Expression {
    if (!this.take('not')) return this.#compare();
    return { kind: 'test', of: this.#not(), name: 'not', args: [] };
  }

  #compare(): Expression {
    let left = this.#sum();
    for (;;) {
      const operator = this.#tokens[this.#at]?.value ?? '';
      if (COMPARISONS.has(operator) && this.take(operator)) {
        left = { kind: 'binary', operator, left, right: this.#sum() };
      } else if (this.take('in')) {
        left = { kind: 'binary', operator: 'in', left, right: this.#sum() };
      } else if (this.is('not') && this.#tokens[this.#at + 1]?.value === 'in') {
        this.#at += 2;
        left = { kind: 'binary', operator: 'in', left, right: this.#sum() };
      } else {
        return left;
      }
    }
  }

  #sum(): Expression {
    return this.#chain(['+', '-'], () => this.#concatenation());
  }

  #concatenation(): Expression {
    return this.#chain(['~'], () => this.#product());
  }

  #product(): Expression {
    return this.#chain(['*', '/', '//', '%'], () => this.#power());
  }

  #power(): Expression {
    return this.#chain(['**'], () => this.#unary());
  }

  #chain(operators: readonly string[], next: () => Expression): Expression {
    let left = next();
    for (;;) {
      const operator = operators.find((candidate) => this.take(candidate));
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: next() };
    }
  }

  #unary(): Expression {
    if (this.take('-') || this.take('+')) {
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw this.bad('it nests too deep');
      const of = this.#unary();
      this.#depth -= 1;
      return of.kind === 'number' ? of : { kind: 'test', of, name: 'sign', args: [] };
    }
    return this.#filters(this.#postfix(this.#primary()));
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw this.bad('an expression was expected');
    this.#at += 1;
    switch (token.kind) {
      case 'string':
        return this.#strings(token.value);
      case 'number':
        return { kind: 'number', value: Number(token.value) };
      case 'name':
        if (CONSTANTS.has(token.value)) return { kind: 'constant' };
        return { kind: 'name', name: token.value };
      case 'operator':
        return this.#bracket(token.value);
    }
  }

  /** Neighbouring texts are one text. */
  #strings(first: string): Expression {
    let value = first;
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token?.kind !== 'string') return { kind: 'text', value };
      value += token.value;
      this.#at += 1;
    }
  }

  #bracket(open: string): Expression {
    if (open === '(') {
      if (this.take(')')) return { kind: 'list', items: [] };
      const value = this.tuple();
      this.expect(')');
      return value;
    }
    if (open === '[') return { kind: 'list', items: this.#items(']') };
    if (open === '{') return { kind: 'list', items: this.#items('}') };
    this.#at -= 1;
    throw this.bad('an expression was expected');
  }

  /** Items up to the closing bracket; keys of a dict and names of arguments count as items. */
  #items(close: string): Expression[] {
    const items: Expression[] = [];
    while (!this.take(close)) {
      if (!this.take('*')) this.take('**');
      items.push(this.expression());
      if (close === '}' && this.take(':')) items.push(this.expression());
      if (close === ')' && this.take('=')) items.push(this.expression());
      if (!this.take(',') && !this.is(close)) throw this.bad('"," is missing');
    }
    return items;
  }

  #postfix(first: Expression): Expression {
    let value = first;
    for (;;) {
      if (this.take('.')) {
        const token = this.#tokens[this.#at];
        if (token?.kind === 'number') {
          this.#at += 1;
          value = {
            kind: 'item',
            of: value,
            index: { kind: 'number', value: Number(token.value) },
          };
        } else {
          value = { kind: 'attribute', of: value, name: this.name() };
        }
      } else if (this.take('[')) {
        value = { kind: 'item', of: value, index: this.#subscript() };
      } else if (this.take('(')) {
        value = { kind: 'call', of: value, args: this.#items(')') };
      } else {
        return value;
      }
    }
  }

  #subscript(): Expression {
    const parts: Expression[] = [];
    let colons = 0;
    let negativeStep = false;
    while (!this.take(']')) {
      if (this.take(':')) {
        colons += 1;
        negativeStep = colons === 2 && this.is('-');
      } else if (!this.take(',')) {
        parts.push(this.expression());
      }
    }
    if (colons > 0) return { kind: 'slice', parts, reversed: negativeStep };
    const [only] = parts;
    if (only === undefined) throw this.bad('a subscript is empty');
    return parts.length === 1 ? only : { kind: 'list', items: parts };
  }

  #filters(first: Expression): Expression {
    let value = first;
    for (;;) {
      if (this.take('|')) value = this.#filter(value);
      else if (this.take('is')) value = this.#test(value);
      else if (this.is('(') || this.is('.') || this.is('[')) value = this.#postfix(value);
      else return value;
    }
  }

  #filter(of: Expression): Expression {
    let name = this.name();
    while (this.take('.')) name += `.${this.name()}`;
    const args = this.take('(') ? this.#items(')') : [];
    return { kind: 'filter', of, name, args };
  }

  #test(of: Expression): Expression {
    this.take('not');
    let name = this.name();
    while (this.take('.')) name += `.${this.name()}`;
    if (this.take('(')) return { kind: 'test', of, name, args: this.#items(')') };
    const next = this.#tokens[this.#at];
    const isOperand =
      next !== undefined &&
      (next.kind === 'string' ||
        next.kind === 'number' ||
        (next.kind === 'operator' && '[{'.includes(next.value)) ||
        (next.kind === 'name' &&
          !['else', 'or', 'and', 'is', 'if', 'not', 'in'].includes(next.value)));
    return { kind: 'test', of, name, args: isOperand ? [this.#postfix(this.#primary())] : [] };
  }
}

/** An expression without parts. */
export type Leaf = Extract<Expression, { readonly kind: 'text' | 'number' | 'constant' | 'name' }>;

/** Whether an expression has no parts. */
export function isLeaf(expression: Expression): expression is Leaf {
  return ['text', 'number', 'constant', 'name'].includes(expression.kind);
}

/** The direct parts of an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  if (isLeaf(expression)) return [];
  switch (expression.kind) {
    case 'attribute':
      return [expression.of];
    case 'item':
      return [expression.of, expression.index];
    case 'slice':
      return expression.parts;
    case 'call':
    case 'filter':
    case 'test':
      return [expression.of, ...expression.args];
    case 'binary':
      return [expression.left, expression.right];
    case 'choice':
      return [...expression.of, expression.test];
    case 'list':
      return expression.items;
  }
}
