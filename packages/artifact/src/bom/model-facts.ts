/**
 * What the files of a model say about it, collected and bounded.
 *
 * Every fact was parsed from a file of the bundle; nothing is guessed, and a fact that no file
 * states stays absent, which a bill of materials writes as unknown. Files contradict each other:
 * all distinct values are kept, in the order of the files.
 *
 * @module
 */

export type FactName =
  | 'architecture'
  | 'family'
  | 'task'
  | 'quantisation'
  | 'licence'
  | 'base-model'
  | 'dataset'
  | 'language'
  | 'context-length'
  | 'producer';

/** One input or output of the model's graph. */
export interface Port {
  readonly name: string;
  /** Element type, such as `FLOAT`, or what the port carries, such as `text`. */
  readonly type: string;
  /** Sizes; a name or `?` where one is not fixed. Null when the file says nothing about it. */
  readonly shape: readonly string[] | null;
}

/** A library that a file of the bundle names: what wrote it, or what is meant to load it. */
export interface NamedLibrary {
  readonly name: string;
  readonly version: string | null;
  /** Path of the file that names it. */
  readonly source: string;
}

/** A file whose content could not be read for facts, and why. */
export interface UnreadFile {
  readonly path: string;
  readonly why: string;
}

export interface ModelFacts {
  readonly values: ReadonlyMap<FactName, readonly string[]>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly libraries: readonly NamedLibrary[];
  /** Elements of all distinct tensors by format and element type; empty when no header was read. */
  readonly elements: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  readonly unread: readonly UnreadFile[];
}

const MAX_VALUES = 64;
const MAX_TEXT = 256;
const MAX_PORTS = 256;
const MAX_LIBRARIES = 64;

/** Collects facts file by file. Texts are attacker-chosen: cut, and freed of control characters. */
export class FactCollector {
  readonly #values = new Map<FactName, Set<string>>();
  readonly #ports = { inputs: [] as Port[], outputs: [] as Port[] };
  readonly #libraries = new Map<string, NamedLibrary>();
  readonly #tensors = new Map<string, Set<string>>();
  readonly #elements = new Map<string, Map<string, bigint>>();
  readonly #unread: UnreadFile[] = [];

  /** Adds a value; an empty one says nothing. */
  add(name: FactName, value: string): void {
    const text = clean(value);
    if (text === '') return;
    const values = this.#values.get(name) ?? new Set<string>();
    if (values.size < MAX_VALUES) values.add(text);
    this.#values.set(name, values);
  }

  port(direction: 'inputs' | 'outputs', port: Port): void {
    const ports = this.#ports[direction];
    if (ports.length >= MAX_PORTS) return;
    const shape = port.shape?.slice(0, 16).map(clean) ?? null;
    ports.push({ name: clean(port.name), type: clean(port.type), shape });
  }

  library(name: string, version: string | null, source: string): void {
    const text = clean(name);
    const known = version === null ? null : clean(version);
    const key = `${text}\0${known ?? ''}`;
    if (text === '' || this.#libraries.size >= MAX_LIBRARIES || this.#libraries.has(key)) return;
    this.#libraries.set(key, { name: text, version: known === '' ? null : known, source });
  }

  /**
   * Counts a tensor once per format and name: the same weights in a second precision, or in a
   * second file, are not more parameters.
   */
  tensor(format: string, name: string, type: string, elements: bigint): void {
    const seen = this.#tensors.get(format) ?? new Set<string>();
    this.#tensors.set(format, seen);
    if (seen.has(name)) return;
    seen.add(name);
    const counts = this.#elements.get(format) ?? new Map<string, bigint>();
    counts.set(type, (counts.get(type) ?? 0n) + elements);
    this.#elements.set(format, counts);
  }

  unreadable(path: string, why: string): void {
    if (this.#unread.length < MAX_VALUES) this.#unread.push({ path, why: clean(why) });
  }

  finish(): ModelFacts {
    return {
      values: new Map([...this.#values].map(([name, values]) => [name, [...values]])),
      inputs: this.#ports.inputs,
      outputs: this.#ports.outputs,
      libraries: [...this.#libraries.values()],
      elements: this.#elements,
      unread: this.#unread,
    };
  }
}

function clean(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .trim();
}
