/**
 * Facts from an ONNX model: inputs, outputs, producer, initializers, quantised operators
 * (`onnx.proto3`, IR.md).
 *
 * @module
 */
import type { ByteSource } from '../scan/byte-source.ts';
import type { Field, Message } from '../scan/graph/protobuf.ts';
import { fieldText, fields, messageOf, nested, varints } from '../scan/graph/protobuf.ts';
import { fault } from '../scan/errors.ts';
import type { FactCollector, Port } from './model-facts.ts';

const MAX_STEPS = 5_000_000;
const ELEMENT_TYPES: Readonly<Record<number, string>> = {
  1: 'FLOAT',
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  6: 'INT32',
  7: 'INT64',
  8: 'STRING',
  9: 'BOOL',
  10: 'FLOAT16',
  11: 'DOUBLE',
  12: 'UINT32',
  13: 'UINT64',
  14: 'COMPLEX64',
  15: 'COMPLEX128',
  16: 'BFLOAT16',
  17: 'FLOAT8E4M3FN',
  18: 'FLOAT8E4M3FNUZ',
  19: 'FLOAT8E5M2',
  20: 'FLOAT8E5M2FNUZ',
  21: 'UINT4',
  22: 'INT4',
  23: 'FLOAT4E2M1',
};
const QUANTISED_OPERATOR =
  /^(?:QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear|QLinear\w{1,32}|\w{1,32}Integer|MatMulNBits|MatMulBnb4)$/;

/** @throws {ScanError} when the file is no well-formed model */
export function onnxFacts(path: string, source: ByteSource, facts: FactCollector): void {
  let steps = 0;
  const spend = (count: number): void => {
    steps += count;
    if (steps > MAX_STEPS) throw fault('SCAN_LIMIT', `more than ${MAX_STEPS} fields`);
  };
  const model = messageOf(source);
  const producer = { name: '', version: '' };
  for (const field of fields(model, spend)) {
    if (field.id === 2) producer.name = fieldText(model, field);
    if (field.id === 3) producer.version = fieldText(model, field);
    if (field.id === 7) new GraphReader(nested(model, field), spend, facts).read();
  }
  const { name, version } = producer;
  if (name === '') return;
  facts.add('producer', version === '' ? name : `${name} ${version}`);
  facts.library(name, version === '' ? null : version, path);
}

class GraphReader {
  readonly #graph: Message;
  readonly #spend: (steps: number) => void;
  readonly #facts: FactCollector;

  constructor(graph: Message, spend: (steps: number) => void, facts: FactCollector) {
    this.#graph = graph;
    this.#spend = spend;
    this.#facts = facts;
  }

  read(): void {
    const initialized = new Set<string>();
    const ports: { direction: 'inputs' | 'outputs'; port: Port }[] = [];
    for (const field of fields(this.#graph, this.#spend)) {
      if (field.id === 1) this.#node(nested(this.#graph, field));
      if (field.id === 5) initialized.add(this.#initializer(nested(this.#graph, field)));
      if (field.id === 11 || field.id === 12) {
        const direction = field.id === 11 ? 'inputs' : 'outputs';
        ports.push({ direction, port: this.#port(nested(this.#graph, field)) });
      }
    }
    for (const { direction, port } of ports) {
      // Before IR version 4 every initializer is listed as an input too.
      if (direction === 'inputs' && initialized.has(port.name)) continue;
      this.#facts.port(direction, port);
    }
  }

  #node(node: Message): void {
    for (const field of fields(node, this.#spend)) {
      if (field.id !== 4 || field.wire !== 2) continue;
      const operator = fieldText(node, field);
      if (QUANTISED_OPERATOR.test(operator)) this.#facts.add('quantisation', operator);
    }
  }

  #initializer(tensor: Message): string {
    const dims: bigint[] = [];
    let [name, type] = ['', 'UNDEFINED'];
    for (const field of fields(tensor, this.#spend)) {
      if (field.id === 1) dims.push(...varints(tensor, field));
      if (field.id === 2) type = elementType(field);
      if (field.id === 8) name = fieldText(tensor, field);
      if (dims.length > 64) throw fault('SCAN_MALFORMED', 'a tensor has too many dimensions');
    }
    const elements = dims.reduce((product, size) => product * (size < 0n ? 0n : size), 1n);
    this.#facts.tensor('onnx', name, type, elements);
    return name;
  }

  #port(value: Message): Port {
    const port: { name: string; type: string; shape: readonly string[] | null } = {
      name: '',
      type: 'unknown',
      shape: null,
    };
    for (const field of fields(value, this.#spend)) {
      if (field.id === 1) port.name = fieldText(value, field);
      if (field.id === 2) Object.assign(port, this.#type(nested(value, field)));
    }
    return port;
  }

  #type(type: Message): Partial<Port> {
    for (const field of fields(type, this.#spend)) {
      if (field.id === 1) return this.#tensorType(nested(type, field));
      if (field.id === 4) return { type: 'sequence' };
      if (field.id === 5) return { type: 'map' };
      if (field.id === 9) return { type: 'optional' };
    }
    return {};
  }

  #tensorType(tensor: Message): Partial<Port> {
    let type = 'unknown';
    let shape: readonly string[] | null = null;
    for (const field of fields(tensor, this.#spend)) {
      if (field.id === 1) type = elementType(field);
      if (field.id === 2) shape = this.#shape(nested(tensor, field));
    }
    return { type, shape };
  }

  #shape(shape: Message): string[] {
    const sizes: string[] = [];
    for (const field of fields(shape, this.#spend)) {
      if (field.id !== 1 || sizes.length > 16) continue;
      const dimension = nested(shape, field);
      let size = '?';
      for (const part of fields(dimension, this.#spend)) {
        if (part.id === 1) size = String(BigInt.asIntN(64, part.value));
        if (part.id === 2) size = fieldText(dimension, part);
      }
      sizes.push(size === '' ? '?' : size);
    }
    return sizes;
  }
}

function elementType(field: Field): string {
  return ELEMENT_TYPES[Number(field.value)] ?? `type ${field.value}`;
}
