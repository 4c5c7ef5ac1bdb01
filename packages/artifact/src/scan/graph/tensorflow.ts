/**
 * TensorFlow SavedModel, GraphDef and Keras metadata (rules T-1 to T-3, K-1).
 *
 * Every node of every meta graph and function is judged, and every text constant that is itself a
 * GraphDef, because data set operations run graphs from such constants.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';

import { ScanError, fault, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import { checkKerasConfig } from './keras-config.ts';
import type { Field, Message } from './protobuf.ts';
import { fieldText, fields, isMessage, messageOf, nested } from './protobuf.ts';
import { TARGET_ATTRIBUTES, TF_EFFECTS } from './tf-effect.ts';
import { TF_OP_NAMES } from './tf-op-name.ts';
import type { PathNode } from './tf-path.ts';
import { assetsOf, checkPaths, checkSavedObjects } from './tf-path.ts';

const MAX_DEPTH = 24;
const MAX_REPORTED = 50;
const MAX_INPUTS = 64;
const OPERATION = /^[A-Z_>][A-Za-z0-9_>]*$/;

export type TfKind = 'saved-model' | 'graph' | 'keras-metadata' | 'meta-graph';

export function readTensorflow(inspection: Inspection, kind: TfKind): void {
  inspection.format =
    kind === 'keras-metadata'
      ? 'tf-keras-metadata'
      : kind === 'graph'
        ? 'tf-graph'
        : 'tf-savedmodel';
  const message = messageOf(inspection.source);
  try {
    if (kind === 'keras-metadata') return readMetadata(inspection, message);
    const walk = new GraphWalk(inspection);
    if (kind === 'saved-model') walk.savedModel(message);
    else if (kind === 'meta-graph') walk.metaGraph(message);
    else walk.graph(message, 0);
    walk.finish();
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('T-3', `the file is malformed: ${error.message}`, faultOffset(error));
  }
}

/** Judges one node that stands outside of a graph. @throws {ScanError} */
export function readNode(inspection: Inspection, message: Message): void {
  const walk = new GraphWalk(inspection);
  walk.node(message);
}

/** Whether a message is a GraphDef: nodes with operation names, and its other known fields. */
export function looksLikeGraph(message: Message): boolean {
  let nodes = 0;
  const ok = isMessage(message, (field) => {
    if (field.id === 1) {
      if (field.wire !== 2) return false;
      nodes += 1;
      return isNode({ ...message, start: field.start, end: field.end });
    }
    return (
      (field.id === 2 && field.wire === 2) ||
      (field.id === 3 && field.wire === 0) ||
      (field.id === 4 && field.wire === 2) ||
      (field.id === 5 && field.wire === 2)
    );
  });
  return ok && nodes > 0;
}

function isNode(message: Message): boolean {
  let operation = '';
  const ok = isMessage(message, (field) => {
    if (field.wire !== 2 || field.id > 7) return false;
    if (field.id === 2) operation = fieldText(message, field);
    return true;
  });
  return ok && OPERATION.test(operation);
}

class GraphWalk {
  readonly #inspection: Inspection;
  readonly #spend: (steps: number) => void;
  readonly #unknown = new Set<string>();
  readonly #functions = new Set<string>();
  /** Constants that the runtime replaces by a file of the model. */
  #assets: ReadonlySet<string> = new Set();
  #nodes = 0;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    this.#spend = (steps) => inspection.spend(steps);
  }

  savedModel(message: Message): void {
    for (const field of fields(message, this.#spend)) {
      if (field.id === 2) this.metaGraph(nested(message, field));
    }
  }

  metaGraph(message: Message): void {
    this.#assets = assetsOf(this.#inspection, message);
    checkSavedObjects(this.#inspection, message);
    for (const field of fields(message, this.#spend)) {
      if (field.id === 2) this.graph(nested(message, field), 1);
    }
  }

  graph(message: Message, depth: number): void {
    if (depth > MAX_DEPTH) throw fault('SCAN_LIMIT', 'graphs nest too deep', message.start);
    const nodes: PathNode[] = [];
    const bodies: PathNode[][] = [nodes];
    this.#declare(message);
    for (const field of fields(message, this.#spend)) {
      if (field.id === 1) nodes.push(this.#visit(nested(message, field), depth));
      if (field.id === 2) bodies.push(...this.#library(nested(message, field), depth + 1));
    }
    checkPaths(this.#inspection, bodies, this.#assets);
  }

  node(message: Message): void {
    this.#visit(message, 0);
  }

  finish(): void {
    if (this.#nodes === 0) throw fault('SCAN_MALFORMED', 'it holds no graph');
  }

  /** Functions of the library may be called like operations, by their names. */
  #declare(message: Message): void {
    for (const field of fields(message, this.#spend)) {
      if (field.id !== 2) continue;
      const library = nested(message, field);
      for (const entry of fields(library, this.#spend)) {
        if (entry.id !== 1) continue;
        const body = nested(library, entry);
        for (const part of fields(body, this.#spend)) {
          if (part.id === 1) this.#functions.add(firstText(nested(body, part), this.#spend));
        }
      }
    }
  }

  #library(message: Message, depth: number): PathNode[][] {
    const bodies: PathNode[][] = [];
    for (const field of fields(message, this.#spend)) {
      if (field.id !== 1) continue;
      const body = nested(message, field);
      const nodes: PathNode[] = [];
      for (const part of fields(body, this.#spend)) {
        if (part.id === 3) nodes.push(this.#visit(nested(body, part), depth));
      }
      bodies.push(nodes);
    }
    return bodies;
  }

  #visit(message: Message, depth: number): PathNode {
    this.#nodes += 1;
    let [name, operation] = ['', ''];
    const inputs: string[] = [];
    const attributes: Message[] = [];
    for (const field of fields(message, this.#spend)) {
      if (field.id === 1) name = fieldText(message, field);
      if (field.id === 2) operation = fieldText(message, field);
      if (field.id === 3 && inputs.length < MAX_INPUTS) inputs.push(fieldText(message, field));
      if (field.id === 5) attributes.push(nested(message, field));
    }
    this.#judge(operation, message.start);
    for (const attribute of attributes) this.#attribute(attribute, operation, depth);
    return { name, operation, inputs, attributes, offset: message.start };
  }

  #judge(operation: string, offset: number): void {
    const effect = TF_EFFECTS.get(operation);
    if (effect !== undefined) {
      const what = `running the graph ${effect}: the operation ${operation}`;
      this.#inspection.report('T-1', what, offset);
    }
    if (TF_OP_NAMES.has(operation) || operation.startsWith('_')) return;
    if (!OPERATION.test(operation) || this.#unknown.size > MAX_REPORTED) return;
    if (this.#unknown.has(operation) || this.#functions.has(operation)) return;
    this.#unknown.add(operation);
    const what = `running the graph needs a native library for ${excerpt(operation)}`;
    this.#inspection.report('T-2', what, offset);
  }

  /** An entry of the map from attribute name to AttrValue. */
  #attribute(entry: Message, operation: string, depth: number): void {
    let key = '';
    for (const field of fields(entry, this.#spend)) {
      if (field.id === 1) key = fieldText(entry, field);
      if (field.id === 2) this.#value(nested(entry, field), { operation, key }, depth);
    }
  }

  #value(
    value: Message,
    of: { readonly operation: string; readonly key: string },
    depth: number,
  ): void {
    for (const field of fields(value, this.#spend)) {
      if (field.wire !== 2) continue;
      if (field.id === 2) this.#text(value, field, depth);
      if (field.id === 2 && TARGET_ATTRIBUTES.has(of.key)) {
        this.#target(fieldText(value, field), of.operation, field.start);
      }
      if (field.id === 8) this.#tensor(nested(value, field), depth);
      if (field.id === 1) this.#list(nested(value, field), of, depth);
    }
  }

  #list(
    list: Message,
    of: { readonly operation: string; readonly key: string },
    depth: number,
  ): void {
    for (const field of fields(list, this.#spend)) {
      if (field.wire !== 2) continue;
      if (field.id === 2) {
        this.#text(list, field, depth);
        if (TARGET_ATTRIBUTES.has(of.key)) {
          this.#target(fieldText(list, field), of.operation, field.start);
        }
      }
      if (field.id === 8) this.#tensor(nested(list, field), depth);
    }
  }

  #target(value: string, operation: string, offset: number): void {
    if (!/^[a-z]+:\/\//.test(value)) return;
    const what = `running the graph sends values to ${excerpt(value)}: the operation ${operation}`;
    this.#inspection.report('T-1', what, offset);
  }

  #tensor(tensor: Message, depth: number): void {
    for (const field of fields(tensor, this.#spend)) {
      if (field.wire === 2 && (field.id === 8 || field.id === 4)) this.#text(tensor, field, depth);
    }
  }

  /** A text constant may be a graph that another operation runs. */
  #text(message: Message, field: Field, depth: number): void {
    if (field.end - field.start < 8) return;
    const inner = { source: message.source, start: field.start, end: field.end };
    if (looksLikeGraph(inner)) this.graph(inner, depth + 1);
  }
}

function firstText(message: Message, spend: (steps: number) => void): string {
  for (const field of fields(message, spend)) if (field.id === 1) return fieldText(message, field);
  return '';
}

function readMetadata(inspection: Inspection, message: Message): void {
  for (const field of fields(message, (steps) => inspection.spend(steps))) {
    if (field.id !== 1) continue;
    const node = nested(message, field);
    for (const part of fields(node, (steps) => inspection.spend(steps))) {
      if (part.id === 5) readNodeMetadata(inspection, node, part);
    }
  }
}

function readNodeMetadata(inspection: Inspection, node: Message, part: Field): void {
  const bytes = node.source.read(part.start, part.end - part.start);
  if (bytes.length === 0) return;
  try {
    checkKerasConfig(inspection, parseStrictJson(bytes));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    inspection.report('T-3', `Keras metadata are malformed: ${error.message}`, part.start);
  }
}
