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
import { TemplateJudge } from './template-judge.ts';
import type { Expression } from './template-expression.ts';
import { ExpressionParser } from './template-expression.ts';
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
    new TemplateReader(splitTemplate(template), judge).read();
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    report('G-3', `cannot be parsed: ${error.message}`);
    for (const { rule, what } of judge.netOver(template)) report(rule, what);
  }
  for (const { rule, what } of judge.verdicts()) report(rule, what);
}

interface Open {
  readonly tag: string;
  /** Name that the text of the block is assigned to. */
  readonly assigns: string | null;
  text: string;
}

class TemplateReader {
  readonly #segments: readonly Segment[];
  readonly #judge: TemplateJudge;
  readonly #open: Open[] = [];

  constructor(segments: readonly Segment[], judge: TemplateJudge) {
    this.#segments = segments;
    this.#judge = judge;
  }

  read(): void {
    for (const segment of this.#segments) {
      if (segment.kind === 'text') {
        for (const open of this.#open) if (open.assigns !== null) open.text += segment.text;
        continue;
      }
      const parser = new ExpressionParser(segment.tokens);
      if (segment.kind === 'output') {
        const value = parser.tuple();
        parser.end();
        this.#judge.use(value);
        for (const { assigns } of this.#open)
          if (assigns !== null) this.#judge.assign(assigns, value);
      } else {
        this.#tag(parser);
      }
    }
    const [left] = this.#open;
    if (left !== undefined) throw new ScanError('SCAN_MALFORMED', `"${left.tag}" does not end`);
  }

  #tag(parser: ExpressionParser): void {
    const tag = parser.name();
    if (LOADERS.has(tag)) {
      this.#judge.loads(tag);
      return;
    }
    if (tag.startsWith('end')) return this.#close(tag.slice(3), parser);
    if (ALONE.has(tag)) return;
    if (MIDDLES.has(tag)) {
      if (tag === 'elif') this.#judge.use(parser.expression());
      return parser.end();
    }
    if (tag === 'do') return this.#judge.use(parser.expression());
    if (!BLOCKS.has(tag)) throw parser.bad(`the tag ${excerpt(tag)} is not known`);
    this.#block(tag, parser);
  }

  #close(tag: string, parser: ExpressionParser): void {
    const open = this.#open.pop();
    if (open === undefined || open.tag !== tag) throw parser.bad(`"end${tag}" closes nothing`);
    if (open.tag === 'for') this.#judge.endLoop();
    if (open.assigns !== null) this.#judge.assign(open.assigns, { kind: 'text', value: open.text });
  }

  #block(tag: string, parser: ExpressionParser): void {
    let assigns: string | null = null;
    switch (tag) {
      case 'for':
        this.#loop(parser);
        break;
      case 'set': {
        const target = this.#set(parser);
        if (target === null) return;
        assigns = target;
        break;
      }
      case 'macro':
      case 'call':
        assigns = this.#macro(tag, parser);
        break;
      case 'filter':
        this.#judge.use(parser.expression());
        break;
      case 'with':
        while (!parser.done) {
          const name = parser.name();
          parser.expect('=');
          this.#judge.assign(name, this.#used(parser.expression()));
          parser.take(',');
        }
        break;
      case 'if':
      case 'autoescape':
        this.#judge.use(parser.expression());
        parser.end();
        break;
      default: // block NAME, generation, trans: nothing is evaluated in the tag
    }
    this.#open.push({ tag, assigns, text: '' });
  }

  #loop(parser: ExpressionParser): void {
    const targets = this.#targets(parser);
    parser.expect('in');
    const sequence = this.#used(parser.condition());
    if (parser.take('if')) this.#judge.use(parser.expression());
    parser.take('recursive');
    parser.end();
    for (const target of targets) this.#judge.assign(target, sequence);
    this.#judge.beginLoop(sequence);
  }

  /** The target of a block assignment, or null when the tag holds the value itself. */
  #set(parser: ExpressionParser): string | null {
    const targets = this.#targets(parser);
    if (parser.take('=')) {
      const value = this.#used(parser.tuple());
      parser.end();
      for (const target of targets) this.#judge.assign(target, value);
      return null;
    }
    if (parser.take('|')) this.#judge.use(parser.expression());
    return targets[0] ?? '';
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

  #macro(tag: string, parser: ExpressionParser): string | null {
    // `{% call(a, b) macro(c) %}`: the names in brackets are parameters.
    if (tag === 'call' && parser.is('(')) this.#judge.use(parser.condition());
    if (parser.done) return null;
    const head = parser.expression();
    this.#judge.use(head);
    return tag === 'macro' && head.kind === 'call' && head.of.kind === 'name' ? head.of.name : null;
  }

  #used(value: Expression): Expression {
    this.#judge.use(value);
    return value;
  }
}
