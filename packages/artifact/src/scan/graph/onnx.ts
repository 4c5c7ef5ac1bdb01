/**
 * ONNX models: every message that may hold a tensor, an operator or a function (rules O-1 to O-4).
 *
 * A table says which field of which message holds which; the walk follows it through subgraphs,
 * functions, sparse tensors and training graphs, so that no place is forgotten. `onnx.proto3`,
 * IR.md, ExternalData.md.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { ScanError, fault, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import type { Message } from './protobuf.ts';
import { fieldText, fields, messageOf, nested } from './protobuf.ts';
import { isListedDomain, isRuntimeOperator } from './onnx-runtime-operator.ts';
import { readTensor } from './onnx-tensor.ts';

type Kind =
  | 'model'
  | 'opset'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'sparse'
  | 'function'
  | 'training'
  | 'entry'
  | 'value';

/** Field number to the kind of message it holds. */
const CHILDREN: Readonly<Record<Kind, Readonly<Record<number, Kind>>>> = {
  model: { 7: 'graph', 8: 'opset', 14: 'entry', 20: 'training', 25: 'function' },
  opset: {},
  graph: {
    1: 'node',
    5: 'tensor',
    11: 'value',
    12: 'value',
    13: 'value',
    15: 'sparse',
    16: 'entry',
  },
  node: { 5: 'attribute', 9: 'entry' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  tensor: {},
  sparse: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node', 9: 'opset', 11: 'attribute', 12: 'value', 14: 'entry' },
  training: { 1: 'graph', 2: 'graph', 3: 'entry', 4: 'entry' },
  entry: {},
  value: {},
};

const MAX_DEPTH = 100;
const MAX_PROTOBUF_BYTES = 2 ** 31 - 1;
const STANDARD = new Set([
  '',
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview.training',
]);
const PYTHON_OPERATORS = new Set(['PyOp', 'PythonOp', 'PyCustomOp']);

interface FunctionBody {
  readonly id: string;
  readonly calls: Set<string>;
}

export function readOnnx(inspection: Inspection): void {
  inspection.format = 'onnx';
  try {
    if (inspection.source.sizeBytes > MAX_PROTOBUF_BYTES) {
      throw fault('SCAN_LIMIT', 'a protocol buffer of more than 2 GiB cannot be read');
    }
    new OnnxWalk(inspection).read();
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('O-3', `the file is malformed: ${error.message}`, faultOffset(error));
  }
}

/** A tensor in a file of its own, as test data of models are. */
export function readTensorFile(inspection: Inspection): void {
  inspection.format = 'onnx-tensor';
  try {
    readTensor(inspection, messageOf(inspection.source));
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('O-3', `the file is malformed: ${error.message}`, faultOffset(error));
  }
}

function isKnownDomain(domain: string): boolean {
  return STANDARD.has(domain) || isListedDomain(domain);
}

class OnnxWalk {
  readonly #inspection: Inspection;
  readonly #spend: (steps: number) => void;
  readonly #domains = new Set<string>();
  readonly #functions: FunctionBody[] = [];
  readonly #operators = new Map<string, number>();
  #function: FunctionBody | null = null;
  #hasVersion = false;
  #graphs = 0;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    this.#spend = (steps) => inspection.spend(steps);
  }

  read(): void {
    const model = messageOf(this.#inspection.source);
    this.#message(model, 'model', 0);
    if (!this.#hasVersion) throw fault('SCAN_MALFORMED', 'the model has no ir_version');
    if (this.#graphs !== 1) {
      throw fault(
        'SCAN_MALFORMED',
        `the model has ${this.#graphs} graphs: readers differ about which counts`,
      );
    }
    this.#checkDomains();
    this.#checkFunctions();
  }

  #message(message: Message, kind: Kind, depth: number): void {
    if (depth > MAX_DEPTH)
      throw fault('SCAN_LIMIT', `messages nest deeper than ${MAX_DEPTH}`, message.start);
    if (kind === 'tensor') return readTensor(this.#inspection, message);
    if (kind === 'opset') return this.#opset(message);
    if (kind === 'node') this.#node(message);
    if (kind === 'function') this.#function = this.#declare(message);
    const children = CHILDREN[kind];
    for (const field of fields(message, this.#spend)) {
      if (kind === 'model') this.#modelField(field.id, field.wire, field.value);
      const child = children[field.id];
      if (child !== undefined) this.#message(nested(message, field), child, depth + 1);
    }
    if (kind === 'function') this.#function = null;
  }

  #modelField(id: number, wire: number, value: bigint): void {
    if (id === 7) this.#graphs += 1;
    if (id !== 1) return;
    if (wire !== 0 || value < 1n || value > 64n) {
      throw fault('SCAN_MALFORMED', `ir_version ${value} is not known`);
    }
    this.#hasVersion = true;
  }

  #opset(message: Message): void {
    let domain = '';
    for (const field of fields(message, this.#spend)) {
      if (field.id === 1) domain = fieldText(message, nestedField(field));
    }
    this.#domains.add(domain);
  }

  #node(message: Message): void {
    let [operator, domain, overload] = ['', '', ''];
    for (const field of fields(message, this.#spend)) {
      if (field.id === 4) operator = fieldText(message, nestedField(field));
      if (field.id === 7) domain = fieldText(message, nestedField(field));
      if (field.id === 8) overload = fieldText(message, nestedField(field));
    }
    const id = `${domain}\0${operator}\0${overload}`;
    this.#function?.calls.add(id);
    if (!this.#operators.has(id)) this.#operators.set(id, message.start);
  }

  #declare(message: Message): FunctionBody {
    let [name, domain, overload] = ['', '', ''];
    for (const field of fields(message, this.#spend)) {
      if (field.id === 1) name = fieldText(message, nestedField(field));
      if (field.id === 10) domain = fieldText(message, nestedField(field));
      if (field.id === 13) overload = fieldText(message, nestedField(field));
    }
    const id = `${domain}\0${name}\0${overload}`;
    if (this.#functions.some((body) => body.id === id)) {
      throw fault(
        'SCAN_MALFORMED',
        `the function ${excerpt(name)} is defined twice`,
        message.start,
      );
    }
    const body = { id, calls: new Set<string>() };
    this.#functions.push(body);
    return body;
  }

  #checkDomains(): void {
    const local = new Set(this.#functions.map(({ id }) => id));
    for (const [id, offset] of this.#operators) {
      const [domain = '', operator = ''] = id.split('\0');
      if (PYTHON_OPERATORS.has(operator) && !STANDARD.has(domain)) {
        this.#inspection.report(
          'O-4',
          `running the model calls Python through ${excerpt(operator)}`,
          offset,
        );
      }
      if (STANDARD.has(domain) || local.has(id) || isRuntimeOperator(domain, operator)) continue;
      const what = `running the model needs a native library for ${excerpt(domain)}.${excerpt(operator)}`;
      this.#inspection.report('O-2', what, offset);
    }
    const used = new Set([...local, ...this.#operators.keys()].map((id) => id.split('\0')[0]));
    for (const domain of this.#domains) {
      if (isKnownDomain(domain) || used.has(domain)) continue;
      this.#inspection.report('O-2', `the model imports the operator domain ${excerpt(domain)}`);
    }
  }

  /** The call graph of the functions of the model has no cycle. */
  #checkFunctions(): void {
    const byId = new Map(this.#functions.map((body) => [body.id, body]));
    const done = new Set<string>();
    const visit = (id: string, path: ReadonlySet<string>): void => {
      const body = byId.get(id);
      if (body === undefined || done.has(id)) return;
      if (path.has(id) || path.size > MAX_DEPTH) {
        throw fault('SCAN_MALFORMED', 'a function of the model calls itself');
      }
      this.#spend(1);
      for (const called of body.calls) visit(called, new Set([...path, id]));
      done.add(id);
    };
    for (const id of byId.keys()) visit(id, new Set());
  }
}

function nestedField<F extends { readonly wire: number; readonly start: number }>(field: F): F {
  if (field.wire !== 2)
    throw fault('SCAN_MALFORMED', 'a text is not length-delimited', field.start);
  return field;
}
