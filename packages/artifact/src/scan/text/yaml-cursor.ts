/**
 * Where a reader of YAML stands in its text, and what it passes there: spaces, comments, signs, plain
 * scalars over all their lines.
 *
 * @module
 */
import { fault } from '../errors.ts';
import { folded, isMarker, lineEnd } from './yaml-scalar.ts';

/** What a scalar without quotes begins with: no sign of YAML, unless a `-`, `?` or `:` goes on. */
const PLAIN_START = /[^\s,[\]{}#&*!|>'"%@`?:-]|[-?:](?=[^\s])/y;
const PLAIN_START_FLOW = /[^\s,[\]{}#&*!|>'"%@`?:-]|[-?:](?=[^\s,[\]{}])/y;
/** What ends a plain scalar on its line: the line, a comment, a colon, in a flow its signs. */
const PLAIN_STOP = /\n|:(?=\s|$)|(?<=\s)#/g;
const PLAIN_STOP_FLOW = /[\n,[\]{}]|:(?=[\s,[\]{}]|$)|(?<=\s)#/g;

export class YamlCursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  is(sign: string): boolean {
    return this.text[this.at] === sign;
  }

  /** Whether `-`, `?` or `:` stands here as a sign: a space or nothing follows. */
  isSign(sign: string): boolean {
    return this.is(sign) && /^[ \t\n]?$/.test(this.text.slice(this.at + 1, this.at + 2));
  }

  isMarker(): boolean {
    return this.column() === 0 && !this.done && isMarker(this.text, this.at);
  }

  column(): number {
    return this.at === 0 ? 0 : this.at - (this.text.lastIndexOf('\n', this.at - 1) + 1);
  }

  /** Passes spaces on the line. */
  spaces(): void {
    while (this.is(' ') || this.is('\t')) this.at += 1;
  }

  /** Passes spaces, comments and line ends; whether a line ended. */
  gap(): boolean {
    let ended = false;
    for (;;) {
      this.spaces();
      const spaced = /^\s?$/.test(this.text.slice(Math.max(0, this.at - 1), this.at));
      if (this.is('#') && spaced) this.at = lineEnd(this.text, this.at);
      if (!this.is('\n')) return ended;
      this.at += 1;
      ended = true;
    }
  }

  /** A scalar without quotes, over all its lines. */
  plain(parent: number, inFlow: boolean): string {
    if (!this.startsPlain(inFlow)) {
      throw this.bad('a character cannot begin a value');
    }
    const start = this.at;
    for (;;) {
      this.at = plainEnd(this.text, this.at, inFlow);
      const end = this.at;
      this.spaces();
      const goesOn = this.is('\n') && this.#continues(parent, inFlow);
      if (!goesOn) {
        this.at = end;
        return folded(this.text.slice(start, end)).trim();
      }
    }
  }

  /** Moves to the next line of a plain scalar, where there is one. */
  #continues(parent: number, inFlow: boolean): boolean {
    while (this.is('\n')) {
      this.at += 1;
      if (this.isMarker()) return false;
      this.spaces();
    }
    if (this.done || this.is('#')) return false;
    if (inFlow) return !/[,[\]{}]/.test(this.text[this.at] ?? '') && !this.isSign(':');
    return this.column() > parent;
  }

  #starts(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at += match[0].length;
    return match;
  }

  bad(why: string): Error {
    return fault('SCAN_MALFORMED', why, this.at);
  }

  /** Whether a plain scalar begins here. */
  startsPlain(inFlow: boolean): boolean {
    return this.#starts(inFlow ? PLAIN_START_FLOW : PLAIN_START);
  }

  /** Passes the part of a plain scalar that stands on this line. */
  passPlain(): void {
    this.at = plainEnd(this.text, this.at, false);
  }
}

/** Where a plain scalar ends on its line. */
function plainEnd(text: string, start: number, inFlow: boolean): number {
  const stop = inFlow ? PLAIN_STOP_FLOW : PLAIN_STOP;
  stop.lastIndex = start;
  const end = stop.exec(text)?.index ?? text.length;
  return start + text.slice(start, end).replace(/[ \t]+$/, '').length;
}
