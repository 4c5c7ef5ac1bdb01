/**
 * Reads YAML into JSON values: block and flow collections, all scalars, anchors and aliases.
 *
 * A subset that is refused outright where it is left: keys that are collections, aliases inside of
 * what they name, keys that repeat, tabs as indentation. Tags are passed over; the text check tells
 * those that build objects. What an alias repeats counts each time, so nothing expands without bound.
 *
 * @module
 */
import type { Json } from '@proofmark/core';

import { fault } from '../errors.ts';
import { YamlCursor } from './yaml-cursor.ts';
import type { Scalar } from './yaml-scalar.ts';
import { blockScalar, doubleQuoted, lineEnd, plainValue, singleQuoted } from './yaml-scalar.ts';

const MAX_DEPTH = 100;
/** A tag and an anchor, and what a forgiving reader passes over. */
const MAX_PROPERTIES = 8;
const MAX_NODES = 500_000;
/** Tags of YAML 1.1 hold commas and square brackets; in a flow collection readers differ about them. */
const PROPERTY = /&([^\s,[\]{}]+)|!(?:<[^>\s]*>|[^\s{}]*)/y;
const ALIAS = /\*([^\s,[\]{}]+)/y;
interface Anchor {
  readonly value: Json;
  readonly nodes: number;
}

/** The documents of a text. @throws {ScanError} SCAN_MALFORMED, SCAN_LIMIT */
export function parseYaml(text: string): Json[] {
  if (text.includes('\uFFFE'))
    throw fault('SCAN_MALFORMED', 'it holds a sign that is no character');
  return new YamlReader(text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')).documents();
}

class YamlReader {
  readonly #in: YamlCursor;
  #depth = 0;
  #nodes = 0;
  /** Flow collections around. */
  #flows = 0;
  readonly #anchors = new Map<string, Anchor>();

  constructor(text: string) {
    this.#in = new YamlCursor(text);
  }

  documents(): Json[] {
    const documents: Json[] = [];
    for (;;) {
      this.#in.gap();
      while (this.#in.column() === 0 && this.#in.is('%')) {
        this.#in.at = lineEnd(this.#in.text, this.#in.at);
        this.#in.gap();
      }
      const begins = this.#in.isMarker();
      if (begins) this.#in.at += 3;
      else if (this.#in.done) return documents;
      if (this.#in.text[this.#in.at - 1] === '.' && begins) continue;
      this.#anchors.clear();
      documents.push(this.#value(-1, false));
      this.#in.gap();
      if (!this.#in.done && !this.#in.isMarker())
        throw this.#in.bad('something follows the document');
    }
  }

  /** The node behind an indicator of a collection at column `parent`, or of the document at -1. */
  #value(parent: number, ofKey: boolean): Json {
    this.#enter();
    const nodes = this.#nodes;
    const anchors: string[] = [];
    let fresh = !ofKey;
    let properties = 0;
    for (;;) {
      if (this.#in.gap()) fresh = true;
      if (this.#isEmpty(parent, ofKey, fresh)) return this.#leave(null, anchors, nodes);
      const start = this.#in.at;
      if (fresh && this.#beginsBlock()) break;
      const name = this.#property();
      if (name === null || this.#in.at === start) break;
      if (name !== '') anchors.push(name);
      if ((properties += 1) > MAX_PROPERTIES) throw this.#in.bad('a value has too many tags');
    }
    const value = this.#content(parent, fresh);
    return this.#leave(value, anchors, nodes);
  }

  #isEmpty(parent: number, ofKey: boolean, fresh: boolean): boolean {
    if (this.#in.done || this.#in.isMarker()) return true;
    if (!fresh) return false;
    const column = this.#in.column();
    if (column > parent) return false;
    return !(ofKey && column === parent && this.#in.isSign('-'));
  }

  /** Whether a block collection begins here: with its sign, or with a key of one line. */
  #beginsBlock(): boolean {
    return this.#in.isSign('-') || this.#in.isSign('?') || this.#in.isSign(':') || this.#isKey();
  }

  #content(parent: number, fresh: boolean): Json {
    if (fresh && this.#beginsBlock()) {
      this.#checkIndent();
      return this.#in.isSign('-') ? this.#sequence() : this.#mapping();
    }
    if (this.#in.is('|') || this.#in.is('>')) {
      return this.#take(blockScalar(this.#in.text, this.#in.at, parent));
    }
    const value = this.#inline(parent, false);
    this.#in.spaces();
    if (this.#in.isSign(':')) throw this.#in.bad('a value is followed by ":"');
    return value;
  }

  #checkIndent(): void {
    const line = this.#in.text.slice(this.#in.at - this.#in.column(), this.#in.at);
    if (/^\s*\t/.test(line)) throw this.#in.bad('a tab is used as indentation');
  }

  /** Quoted, flow, alias or plain: what may stand within a line. */
  #inline(parent: number, inFlow: boolean): Json {
    const alias = this.#in.match(ALIAS);
    if (alias !== null) return this.#alias(alias[1] ?? '');
    if (this.#in.is('"')) return this.#take(doubleQuoted(this.#in.text, this.#in.at));
    if (this.#in.is("'")) return this.#take(singleQuoted(this.#in.text, this.#in.at));
    if (this.#in.is('[') || this.#in.is('{')) return this.#flow(parent);
    return plainValue(this.#in.plain(parent, inFlow));
  }

  #take({ value, end }: Scalar): string {
    this.#in.at = end;
    return value;
  }

  #sequence(): Json {
    const column = this.#in.column();
    const items: Json[] = [];
    while (this.#in.column() === column && this.#in.isSign('-') && !this.#in.isMarker()) {
      this.#in.at += 1;
      items.push(this.#value(column, false));
      this.#in.gap();
    }
    this.#checkEnd(column, false);
    return items;
  }

  #mapping(): Json {
    const column = this.#in.column();
    const members: Record<string, Json> = {};
    while (this.#in.column() === column && !this.#in.done && !this.#in.isMarker()) {
      const explicit = this.#in.isSign('?');
      const key = this.#key(column);
      if (key === null) break;
      set(members, key, this.#value(column, !explicit), this.#in.at);
      this.#in.gap();
    }
    this.#checkEnd(column, true);
    return merged(members);
  }

  /** Behind a block stands what is less deep, the key of the mapping that a sequence is in, or nothing. */
  #checkEnd(column: number, isMapping: boolean): void {
    if (this.#in.done || this.#in.isMarker()) return;
    const next = this.#in.column();
    if (next > column || (isMapping && next === column))
      throw this.#in.bad('a line is out of place');
  }

  /** The key of the next member, with its `:` passed; null when none begins here. */
  #key(column: number): string | null {
    if (this.#in.isSign('?')) {
      this.#in.at += 1;
      const key = keyText(this.#value(column, false));
      this.#in.gap();
      if (key === null) throw this.#in.bad('a key is a collection');
      // A key without a value has none: what follows is the next key.
      if (this.#in.column() === column && this.#in.isSign(':')) this.#in.at += 1;
      return key;
    }
    if (this.#in.isSign(':')) {
      this.#in.at += 1;
      return 'null';
    }
    if (!this.#isKey()) return null;
    return this.#oneLineKey(column);
  }

  #oneLineKey(column: number): string {
    const nodes = this.#nodes;
    const anchors = this.#properties();
    const key = keyText(this.#in.isSign(':') ? null : this.#inline(column, false));
    if (key === null) throw this.#in.bad('a key is a collection');
    for (const name of anchors) if (name !== '') this.#name(name, key, nodes);
    this.#in.spaces();
    if (!this.#in.isSign(':')) throw this.#in.bad('":" was expected');
    this.#in.at += 1;
    return key;
  }

  /** Whether a key and its `:` stand here on one line. Moves nothing. */
  #isKey(): boolean {
    const start = this.#in.at;
    try {
      this.#properties();
      const end = lineEnd(this.#in.text, this.#in.at);
      const first = this.#in.text[this.#in.at] ?? '';
      if (first === '"') this.#in.at = doubleQuoted(this.#in.text, this.#in.at).end;
      else if (first === "'") this.#in.at = singleQuoted(this.#in.text, this.#in.at).end;
      else if (first === '*') this.#in.match(ALIAS);
      else if (first === '[' || first === '{') return this.#isFlowKey(end);
      else if (this.#in.startsPlain(false)) this.#in.passPlain();
      else return false;
      this.#in.spaces();
      return this.#in.at <= end && this.#in.isSign(':');
    } catch {
      return false; // A quote that does not end is no key; reading it as a value says so.
    } finally {
      this.#in.at = start;
    }
  }

  /** A collection as a key is refused, not overlooked. */
  #isFlowKey(end: number): boolean {
    const line = this.#in.text.slice(this.#in.at, end);
    if (/[\]}][ \t]*:(?:[ \t]|$)/.test(line) && !/^[[{].*[:,].*[\]}][ \t]*$/.test(line)) {
      throw this.#in.bad('a key is a collection');
    }
    return false;
  }

  #properties(): string[] {
    const names: string[] = [];
    for (;;) {
      this.#in.spaces();
      const name = this.#property();
      if (name === null) return names;
      names.push(name);
      if (names.length > MAX_PROPERTIES) throw this.#in.bad('a key has too many tags');
    }
  }

  /** The name of an anchor, '' for a tag, null for neither. */
  #property(): string | null {
    const match = this.#in.match(PROPERTY);
    if (match === null) return null;
    if (this.#flows > 0 && /[,[\]]/.test(match[0]))
      throw this.#in.bad('a tag ends where readers differ');
    return match[1] ?? '';
  }

  #flow(parent: number): Json {
    const open = this.#in.text[this.#in.at];
    const close = open === '[' ? ']' : '}';
    this.#in.at += 1;
    this.#flows += 1;
    const items: Json[] = [];
    const members: Record<string, Json> = {};
    this.#enter();
    for (;;) {
      this.#in.gap();
      if (this.#in.is(close)) break;
      const pair = this.#flowEntry(parent, open === '{');
      if (open === '[') items.push(pair.key === null ? pair.value : only(pair.key, pair.value));
      else set(members, pair.key ?? '', pair.value, this.#in.at);
      this.#in.gap();
      if (this.#in.is(',')) this.#in.at += 1;
      else if (!this.#in.is(close)) throw this.#in.bad(`"${close}" was expected`);
    }
    this.#in.at += 1;
    this.#flows -= 1;
    this.#depth -= 1;
    return open === '[' ? items : merged(members);
  }

  #flowEntry(
    parent: number,
    isMember: boolean,
  ): { readonly key: string | null; readonly value: Json } {
    let explicit = isMember;
    if (this.#in.isSign('?')) {
      this.#in.at += 1;
      this.#in.gap();
      explicit = true;
    }
    const quoted = this.#in.is('"') || this.#in.is("'");
    const first = this.#flowNode(parent);
    this.#in.gap();
    const next = this.#in.text[this.#in.at + 1] ?? '';
    const isPair = this.#in.is(':') && (quoted || /^[\s,[\]{}]?$/.test(next));
    if (!isPair && !explicit) return { key: null, value: first };
    const key = keyText(first);
    if (key === null) throw this.#in.bad('a key is a collection');
    if (!isPair) return { key, value: null };
    this.#in.at += 1;
    this.#in.gap();
    return { key, value: this.#flowNode(parent) };
  }

  #flowNode(parent: number): Json {
    const nodes = this.#nodes;
    this.#enter();
    const anchors: string[] = [];
    for (;;) {
      this.#in.gap();
      const name = this.#property();
      if (name === null) break;
      if (name !== '') anchors.push(name);
    }
    const isEmpty = /^[,\]}:]/.test(this.#in.text.slice(this.#in.at, this.#in.at + 1));
    const isColon = this.#in.is(':') && this.#in.startsPlain(true);
    const value = isEmpty && !isColon ? null : this.#inline(parent, true);
    return this.#leave(value, anchors, nodes);
  }

  #alias(name: string): Json {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) throw this.#in.bad('an alias names nothing that was read before');
    this.#count(anchor.nodes);
    return anchor.value;
  }

  #enter(): void {
    this.#count(1);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw fault('SCAN_LIMIT', 'it nests too deep', this.#in.at);
  }

  #leave(value: Json, anchors: readonly string[], nodes: number): Json {
    this.#depth -= 1;
    for (const name of anchors) this.#name(name, value, nodes);
    return value;
  }

  #name(name: string, value: Json, nodes: number): void {
    this.#anchors.set(name, { value, nodes: this.#nodes - nodes });
  }

  #count(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > MAX_NODES) throw fault('SCAN_LIMIT', 'it has too many values', this.#in.at);
  }
}

function keyText(key: Json): string | null {
  if (typeof key === 'object' && key !== null) return null;
  return String(key);
}

/** With the members of what `<<` names, where a member of its own does not stand for them. */
function merged(members: Record<string, Json>): Json {
  const bases = Object.hasOwn(members, '<<') ? members['<<'] : null;
  for (const base of Array.isArray(bases) ? (bases as readonly Json[]) : [bases ?? null]) {
    if (typeof base !== 'object' || base === null || Array.isArray(base)) continue;
    for (const [key, value] of Object.entries(base)) {
      if (!Object.hasOwn(members, key)) set(members, key, value as Json, 0);
    }
  }
  return members;
}

function only(key: string, value: Json): Json {
  const members: Record<string, Json> = {};
  set(members, key, value, 0);
  return members;
}

function set(members: Record<string, Json>, key: string, value: Json, offset: number): void {
  if (Object.hasOwn(members, key)) throw fault('SCAN_MALFORMED', 'a key stands twice', offset);
  Object.defineProperty(members, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
