/**
 * Collects what a template does and says which of it is denied.
 *
 * Verdicts are drawn at the end, when all assignments are known, so that a name put together from
 * pieces that were assigned earlier or later is seen.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { constantOf } from './template-cost.ts';
import type { Expression } from './template-expression.ts';
import { partsOf } from './template-expression.ts';
import { textsOf } from './template-value.ts';

export interface TemplateVerdict {
  readonly rule: 'G-1' | 'G-2';
  readonly what: string;
}

const MAX_LOOP = 1e6;
const MAX_PARAGRAPHS = 1000;
/** How far the assignments of a name are followed to a number. */
const MAX_NUMBER_DEPTH = 6;
const MAX_NUMBER_VALUES = 8;
const MAX_EXPRESSIONS = 50_000;
const MAX_ASSIGNMENTS = 4096;
const DUNDER =
  /__(?:class|mro|bases?|subclasses|globals|builtins?|init|import|getattribute|getattr|dict|code|reduce(?:_ex)?|self|func|module|loader|spec|call|closure|wrapped|new|del|getitem|setattr|doc|file|kwdefaults|annotations|closure|instancecheck|subclasshook|delattr|dir|format|enter|exit)__/;
/** Attributes without underscores that lead from a value to its frames, code or classes. */
const INTROSPECTION = new Set(
  'mro func_globals func_code func_closure im_func im_self im_class gi_frame gi_code gi_yieldfrom cr_frame cr_code cr_await ag_frame ag_code f_globals f_locals f_builtins f_back f_code tb_frame tb_next co_code co_consts'.split(
    ' ',
  ),
);
/** Built-in functions whose attributes lead out of the template. */
const BUILT_IN = new Set(
  'cycler joiner lipsum self range dict namespace caller varargs kwargs'.split(' '),
);
const MACRO_ATTRIBUTES = new Set(['name', 'arguments', 'catch_kwargs', 'catch_varargs', 'caller']);
const BY_ATTRIBUTE = new Set(
  'map selectattr rejectattr groupby sort sum min max unique'.split(' '),
);
const BUILDERS = new Set(
  'join replace format reverse lower upper trim strip lstrip rstrip casefold'.split(' '),
);

export class TemplateJudge {
  readonly #uses: Expression[] = [];
  readonly #assignments = new Map<string, Expression[]>();
  readonly #verdicts = new Map<string, TemplateVerdict>();
  readonly #loops: number[] = [];
  /** Expressions that are called where they stand. */
  readonly #called = new Set<Expression>();

  /** Records an expression that is evaluated. */
  use(expression: Expression): void {
    if (this.#uses.length < MAX_EXPRESSIONS) this.#uses.push(expression);
    else this.#add('G-2', 'holds more expressions than are judged');
  }

  assign(name: string, value: Expression): void {
    const values = this.#assignments.get(name) ?? [];
    if (values.length < MAX_ASSIGNMENTS) values.push(value);
    else this.#add('G-2', `assigns ${excerpt(name)} more often than is followed`);
    this.#assignments.set(name, values);
    // One underscore before a variable hides nothing; before an attribute it may.
    const [variable = '', ...attributes] = name.split('.');
    if (variable.startsWith('__') || attributes.some((part) => part.startsWith('_'))) {
      this.#name(name);
    }
  }

  loads(tag: string): void {
    this.#add('G-1', `loads another template with "${tag}"`);
  }

  beginLoop(sequence: Expression): void {
    const rounds = this.#rounds(sequence);
    this.#loops.push(rounds * (this.#loops.at(-1) ?? 1));
    if ((this.#loops.at(-1) ?? 1) > MAX_LOOP) this.#add('G-2', 'loops more than a million times');
  }

  endLoop(): void {
    this.#loops.pop();
  }

  verdicts(): TemplateVerdict[] {
    for (const use of this.#uses) this.#walk(use, 0);
    return [...this.#verdicts.values()];
  }

  /** A second net over the tags of a text that does not parse. */
  netOver(template: string): TemplateVerdict[] {
    for (const [tag] of template.matchAll(/\{[{%][^]{0,4096}?[%}]\}/g)) {
      const name = DUNDER.exec(tag)?.[0];
      if (name !== undefined) return [{ rule: 'G-1', what: `names ${name}` }];
    }
    return [];
  }

  #walk(expression: Expression, depth: number): void {
    if (depth > 200) return;
    if (expression.kind === 'call') this.#called.add(expression.of);
    this.#judge(expression);
    for (const part of partsOf(expression)) this.#walk(part, depth + 1);
  }

  #judge(expression: Expression): void {
    if (expression.kind === 'text') this.#text(DUNDER.test(expression.value), expression.value);
    if (expression.kind === 'name') this.#text(expression.name.startsWith('__'), expression.name);
    if (expression.kind === 'attribute') this.#attribute(expression);
    if (expression.kind === 'item') this.#subscript(expression.of, expression.index);
    if (expression.kind === 'call') this.#call(expression.of, expression.args);
    if (expression.kind === 'filter') {
      if (expression.name === 'format') this.#padding(expression.of);
      this.#filter(expression.name, expression.args);
    }
    if (expression.kind === 'binary') {
      this.#binary(expression.operator, expression.left, expression.right);
    }
  }

  #text(denied: boolean, name: string): void {
    if (denied) this.#name(name);
  }

  #attribute(expression: Extract<Expression, { readonly kind: 'attribute' }>): void {
    const { of, name } = expression;
    if (name.startsWith('_') || INTROSPECTION.has(name)) return this.#name(name);
    const isPlain = MACRO_ATTRIBUTES.has(name) && of.kind === 'name' && of.name !== 'self';
    if (of.kind === 'name' && BUILT_IN.has(of.name) && !isPlain) {
      if (!this.#assignments.has(of.name) || of.name === 'self')
        this.#add('G-1', `reaches ${of.name}.${excerpt(name)}`);
    }
    if (name === 'format_map') this.#add('G-1', 'formats a text with format_map');
    if (name === 'format') this.#format(of, this.#called.has(expression));
  }

  /** `'{0.__class__}'.format(x)` walks attributes; a plain known text does not. */
  #format(of: Expression, called: boolean): void {
    const { values, open } = textsOf(of, this.#assignments); // what is cut is open
    const walks = values.some((value) => /\{[^{}]*[.[][^{}]*\}/.test(value) || value.includes('_'));
    if (open || walks || !called)
      this.#add('G-1', 'formats a text that can walk attributes with format');
    if (values.some((value) => /\{[^{}]*:[^{}]*\d{6}/.test(value))) {
      this.#add('G-2', 'pads a text to more than 100,000 characters');
    }
  }

  #subscript(of: Expression, index: Expression): void {
    if (index.kind === 'number' || index.kind === 'slice') return;
    const { values, open, cut } = textsOf(index, this.#assignments);
    if (cut)
      this.#add('G-1', 'puts the name of an attribute together in more steps than are followed');
    const hidden = values.find((value) => /^_|__/.test(value) || INTROSPECTION.has(value));
    if (hidden !== undefined) return this.#name(hidden);
    if (hasCharacterCodes(index)) this.#add('G-1', 'makes the name of an attribute of numbers');
    const assembled = isAssembled(index) && (values.some((value) => value.includes('_')) || open);
    if (isConstantText(of)) this.#ofText(index, assembled);
  }

  /** What is read from a text of the template itself is one of its methods, or a character. */
  #ofText(index: Expression, assembled: boolean): void {
    if (assembled) this.#add('G-1', 'puts the name of an attribute together from pieces');
    if (index.kind === 'attribute' || index.kind === 'item') {
      this.#add('G-1', 'reads an attribute of a text whose name comes with the messages');
    }
  }

  #call(of: Expression, args: readonly Expression[]): void {
    this.#sizes(args);
    if (of.kind === 'name' && of.name === 'lipsum') this.#paragraphs(args);
    if (
      of.kind === 'name' &&
      of.name === 'range' &&
      this.#rounds({ kind: 'call', of, args }) > MAX_LOOP
    ) {
      this.#add('G-2', 'makes a range of more than a million numbers');
    }
  }

  #filter(name: string, args: readonly Expression[]): void {
    this.#sizes(args);
    const texts = args.map((arg) => textsOf(arg, this.#assignments));
    if (name === 'attr') {
      const [first] = texts;
      const denied =
        first === undefined ||
        first.open ||
        first.values.some((v) => v.startsWith('_') || INTROSPECTION.has(v));
      if (denied) this.#add('G-1', 'reads an attribute with the filter attr');
    }
    if (!BY_ATTRIBUTE.has(name)) return;
    if (texts.some((text) => text.cut)) {
      this.#add('G-1', `names what ${name} reads in more steps than are followed`);
    }
    const values = texts.flatMap((text) => text.values);
    const hidden = values.find((value) =>
      value.split('.').some((part) => part.startsWith('_') || INTROSPECTION.has(part)),
    );
    if (hidden !== undefined) this.#name(hidden);
    if (name === 'map' && (values.includes('attr') || values.includes('format'))) {
      this.#add('G-1', 'maps attributes or formats over values');
    }
  }

  /** Padding, repetition and text numbers large enough to stall the server. */
  #sizes(args: readonly Expression[]): void {
    if (args.some((arg) => this.#number(arg) > MAX_LOOP * 10)) {
      this.#add('G-2', 'passes a number of more than ten million to a function');
    }
  }

  #binary(operator: string, left: Expression, right: Expression): void {
    const numbers = [left, right].map((side) => this.#number(side));
    if (operator === '*' && Math.max(...numbers) > MAX_LOOP) {
      this.#add('G-2', 'repeats a value more than a million times');
    }
    if (operator === '**' && (numbers[1] ?? 0) > 1000) this.#add('G-2', 'raises to a huge power');
    if (operator === '%') this.#padding(left);
  }

  #paragraphs(args: readonly Expression[]): void {
    if (args.every((arg) => this.#number(arg) <= MAX_PARAGRAPHS)) return;
    this.#add('G-2', 'makes more than a thousand paragraphs of text');
  }

  /** `%999999d`, and `%*d` whose width is a value. */
  #padding(text: Expression): void {
    const { values } = textsOf(text, this.#assignments);
    if (!values.some((value) => /%[-+ 0#]*(?:\d{6,}|\*|\d*\.\d{6,})/.test(value))) return;
    this.#add('G-2', 'pads a text to more than 100,000 characters');
  }

  #rounds(sequence: Expression): number {
    if (sequence.kind !== 'call' || sequence.of.kind !== 'name' || sequence.of.name !== 'range') {
      return 1;
    }
    const limits = sequence.args.map((arg) => this.#number(arg));
    return Math.max(1, ...limits);
  }

  #number(expression: Expression, depth = 0): number {
    const constant = constantOf(expression);
    if (constant !== null || depth > MAX_NUMBER_DEPTH) return constant ?? 0;
    const inner = (of: Expression): number => this.#number(of, depth + 1);
    if (expression.kind === 'binary') {
      const [left, right] = [inner(expression.left), inner(expression.right)];
      if (expression.operator === '*') return left * right;
      if (expression.operator === '**') return left ** right;
      if (expression.operator === '+') return left + right;
    }
    if (expression.kind === 'filter') return this.#converted(expression.name, expression.of);
    if (expression.kind !== 'name') return 0;
    const values = this.#assignments.get(expression.name) ?? [];
    return Math.max(0, ...values.slice(0, MAX_NUMBER_VALUES).map(inner));
  }

  #converted(name: string, of: Expression): number {
    if (name !== 'int' && name !== 'float') return 0;
    const { values } = textsOf(of, this.#assignments);
    return Math.max(0, ...values.map(Number).filter(Number.isFinite));
  }

  #name(name: string): void {
    this.#add('G-1', `reaches ${excerpt(name)}`);
  }

  #add(rule: 'G-1' | 'G-2', what: string): void {
    this.#verdicts.set(`${rule} ${what}`, { rule, what });
  }
}

/** `'%c' % 95` gives an underscore that no text shows. */
function hasCharacterCodes(expression: Expression, depth = 0): boolean {
  if (expression.kind === 'text') return /%[-+ 0#\d.]*c/.test(expression.value);
  return depth < 16 && partsOf(expression).some((part) => hasCharacterCodes(part, depth + 1));
}

function isConstantText(of: Expression): boolean {
  return of.kind === 'text' || (of.kind === 'list' && of.items.length === 0);
}

function isAssembled(expression: Expression): boolean {
  if (expression.kind === 'binary')
    return (
      expression.operator === '+' || expression.operator === '~' || expression.operator === '%'
    );
  if (expression.kind === 'filter') return BUILDERS.has(expression.name);
  return (
    expression.kind === 'call' &&
    expression.of.kind === 'attribute' &&
    BUILDERS.has(expression.of.name)
  );
}
