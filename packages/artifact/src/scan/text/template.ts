/**
 * Chat templates: what they would reach when the serving engine renders them (rules G-1 to G-3).
 *
 * A template is code of the model's author that runs on every request. Allowed is what templates
 * need: control flow, text, fields of messages. Denied is every way out: underscore attributes by
 * member, subscript, `attr` or a text put together from pieces; attributes of the built-in
 * functions; `format` on a text that is not plain; include, import, extends. A template that does
 * not parse is not judged, and says so.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { ScanError } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import { costOf } from './template-cost.ts';
import type { Expression } from './template-expression.ts';
import { ExpressionParser } from './template-expression.ts';
import { TemplateJudge } from './template-judge.ts';
import { recursionOf } from './template-recursion.ts';
import type { Block, Statement } from './template-statement.ts';
import { block } from './template-statement.ts';
import type { Segment } from './template-token.ts';
import { splitTemplate } from './template-token.ts';

const MAX_TEMPLATE_CHARACTERS = 4 * 1024 * 1024;
const BLOCKS = new Set([
  'for',
  'if',
  'macro',
  'call',
  'filter',
  'block',
  'with',
  'autoescape',
  'generation',
  'set',
  'trans',
]);
const MIDDLES = new Set(['else', 'elif']);
const ALONE = new Set(['break', 'continue', 'debug', 'pluralize']);
const LOADERS = new Set(['include', 'import', 'from', 'extends']);

export interface TemplateName {
  /** What holds the template, such as a metadata key. */
  readonly name: string;
  /** Offset of its first byte in the file, or null. */
  readonly offset: number | null;
  /** It only looks like a template: that it does not parse is no finding. */
  readonly isGuess?: boolean;
}

/** Judges one template and reports on the inspection. */
export function readTemplate(inspection: Inspection, template: string, where: TemplateName): void {
  inspection.spend(Math.ceil(template.length / 8));
  const judge = new TemplateJudge();
  const report = (id: 'G-1' | 'G-2' | 'G-3', what: string): void => {
    inspection.report(id, `the chat template ${excerpt(where.name)} ${what}`, where.offset);
  };
  if (template.length > MAX_TEMPLATE_CHARACTERS) {
    report('G-3', 'is too long to be judged');
    return;
  }
  try {
    const statements = new TemplateReader(splitTemplate(template), judge).read();
    const work = recursionOf(statements) ?? costOf(statements);
    if (work !== null) report('G-2', work);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    if (where.isGuess !== true) report('G-3', `cannot be parsed: ${error.message}`);
    for (const { rule, what } of judge.netOver(template)) report(rule, what);
  }
  for (const { rule, what } of judge.verdicts()) report(rule, what);
}

interface Open {
  readonly tag: string;
  /** Name that the text of the block is assigned to. */
  readonly assigns: string | null;
  readonly block: Block;
  text: string;
  /** Behind its `else`. */
  isElse: boolean;
}

class TemplateReader {
  readonly #segments: readonly Segment[];
  readonly #judge: TemplateJudge;
  readonly #open: Open[] = [];
  readonly #statements: Statement[] = [];

  constructor(segments: readonly Segment[], judge: TemplateJudge) {
    this.#segments = segments;
    this.#judge = judge;
  }

  read(): readonly Statement[] {
    for (const segment of this.#segments) {
      if (segment.kind === 'text') {
        for (const open of this.#open) if (open.assigns !== null) open.text += segment.text;
        this.#add({ kind: 'evaluate', values: [{ kind: 'text', value: segment.text }] });
        continue;
      }
      const parser = new ExpressionParser(segment.tokens);
      if (segment.kind === 'output') {
        const value = parser.tuple();
        parser.end();
        this.#evaluate(value);
        for (const { assigns } of this.#open)
          if (assigns !== null) this.#judge.assign(assigns, value);
      } else {
        this.#tag(parser);
      }
    }
    const [left] = this.#open;
    if (left !== undefined) throw new ScanError('SCAN_MALFORMED', `"${left.tag}" does not end`);
    return this.#statements;
  }

  #add(statement: Statement): void {
    (this.#open.at(-1)?.block.branches.at(-1) ?? this.#statements).push(statement);
  }

  #evaluate(value: Expression): void {
    this.#judge.use(value);
    this.#add({ kind: 'evaluate', values: [value] });
  }

  #assign(targets: readonly string[], value: Expression): void {
    for (const target of targets) this.#judge.assign(target, value);
    this.#add({ kind: 'assign', targets, value });
  }

  #tag(parser: ExpressionParser): void {
    const tag = parser.name();
    if (LOADERS.has(tag)) {
      this.#judge.loads(tag);
      return;
    }
    if (tag.startsWith('end')) return this.#close(tag.slice(3), parser);
    if (ALONE.has(tag)) return;
    if (MIDDLES.has(tag)) return this.#middle(tag, parser);
    if (tag === 'do') return this.#evaluate(parser.expression());
    if (!BLOCKS.has(tag)) throw parser.bad(`the tag ${excerpt(tag)} is not known`);
    this.#block(tag, parser);
  }

  /** `elif` stands in an `if` before its `else`, `else` once in an `if` or a `for`. */
  #middle(tag: string, parser: ExpressionParser): void {
    const open = this.#open.at(-1);
    const fits = open?.tag === 'if' || (tag === 'else' && open?.tag === 'for');
    if (open === undefined || !fits || open.isElse) {
      throw parser.bad(`"${tag}" stands where no "if" is open`);
    }
    if (tag === 'elif') open.block.values.push(this.#used(parser.expression()));
    else open.isElse = true;
    parser.end();
    open.block.branches.push([]);
  }

  #close(tag: string, parser: ExpressionParser): void {
    const open = this.#open.pop();
    if (open === undefined || open.tag !== tag) throw parser.bad(`"end${tag}" closes nothing`);
    if (open.tag === 'for') this.#judge.endLoop();
    if (open.assigns !== null) this.#judge.assign(open.assigns, { kind: 'text', value: open.text });
  }

  #block(tag: string, parser: ExpressionParser): void {
    const begun = this.#begin(tag, parser);
    if (begun === null) return;
    const { name, kind, targets } = begun;
    const assigns = kind === 'capture' ? (targets[0] ?? '') : kind === 'macro' ? name : null;
    this.#add(begun);
    this.#open.push({ tag, assigns, block: begun, text: '', isElse: false });
  }

  /** The block that a tag begins; null for an assignment without one. */
  #begin(tag: string, parser: ExpressionParser): Block | null {
    switch (tag) {
      case 'for':
        return this.#loop(parser);
      case 'set':
        return this.#set(parser);
      case 'macro':
      case 'call':
        return this.#macro(tag, parser);
      case 'filter':
        return block('group', { values: [this.#used(parser.expression())] });
      case 'with':
        return this.#with(parser);
      case 'if':
      case 'autoescape': {
        const values = [this.#used(parser.expression())];
        parser.end();
        return block(tag === 'if' ? 'choice' : 'group', { values });
      }
      default: // block NAME, generation, trans: nothing is evaluated in the tag
        return block('group');
    }
  }

  #with(parser: ExpressionParser): Block {
    while (!parser.done) {
      const name = parser.name();
      parser.expect('=');
      this.#assign([name], this.#used(parser.expression()));
      parser.take(',');
    }
    return block('group');
  }

  #loop(parser: ExpressionParser): Block {
    const targets = this.#targets(parser);
    parser.expect('in');
    const values = [this.#used(parser.condition())];
    if (parser.take('if')) values.push(this.#used(parser.expression()));
    const name = parser.take('recursive') ? 'loop' : '';
    parser.end();
    const [sequence] = values;
    if (sequence !== undefined) {
      for (const target of targets) this.#judge.assign(target, sequence);
      this.#judge.beginLoop(sequence);
    }
    return block('loop', { targets, name, values });
  }

  /** The block whose text is assigned, or null when the tag holds the value itself. */
  #set(parser: ExpressionParser): Block | null {
    const targets = this.#targets(parser);
    if (parser.take('=')) {
      const value = this.#used(parser.tuple());
      parser.end();
      this.#assign(targets, value);
      return null;
    }
    const values = parser.take('|') ? [this.#used(parser.expression())] : [];
    return block('capture', { targets: targets.slice(0, 1), values });
  }

  #targets(parser: ExpressionParser): string[] {
    const targets: string[] = [];
    const wrapped = parser.take('(');
    do {
      if (parser.is(')') || parser.is('in')) break;
      let name = parser.name();
      while (parser.take('.')) name = `${name}.${parser.name()}`;
      targets.push(name);
    } while (parser.take(','));
    if (wrapped) parser.expect(')');
    return targets;
  }

  #macro(tag: string, parser: ExpressionParser): Block {
    // `{% call(a, b) macro(c) %}`: the names in brackets are parameters.
    if (tag === 'call' && parser.is('(')) this.#judge.use(parser.condition());
    if (parser.done) return block('group');
    const head = this.#used(parser.expression());
    if (tag === 'call') return block('call', { values: [head] });
    if (head.kind !== 'call' || head.of.kind !== 'name') return block('group', { values: [head] });
    const targets = head.args.flatMap((arg) => (arg.kind === 'name' ? [arg.name] : []));
    return block('macro', { name: head.of.name, targets, values: [...head.args] });
  }

  #used(value: Expression): Expression {
    this.#judge.use(value);
    return value;
  }
}
