/**
 * What an ONNX graph takes and gives: names, element types and shapes, and whether its weights lie in
 * other files. Field numbers: `onnx.proto3` (ModelProto, GraphProto, ValueInfoProto, TypeProto).
 *
 * The runtime's Node binding names inputs and outputs but not their types, hence this reader. It
 * only decides what is fed; the runtime parses and checks the graph itself.
 *
 * @module
 */
import { ServeError } from '../model-server/errors.ts';
import { readFields } from './protobuf.ts';
import type { Field } from './protobuf.ts';

export interface Port {
  readonly name: string;
  /** TensorProto.DataType: 1 float, 7 int64, 9 bool, 10 float16; 0 when it is no tensor. */
  readonly type: number;
  /** Null for a size that is only known at run time. */
  readonly shape: readonly (number | null)[];
}

export interface GraphPorts {
  /** Without those that only give a default for an initializer. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly hasExternalData: boolean;
}

const MAX_PORTS = 2048;
const MAX_NAME_BYTES = 256;
const GRAPH = 7;
const EXTERNAL = 1;

/** @throws {ServeError} model_invalid */
export function readGraphPorts(model: Uint8Array): GraphPorts {
  const graphs = Array.from(readFields(model)).filter(({ id }) => id === GRAPH);
  const [graph] = graphs;
  if (graph === undefined || graphs.length > 1) {
    throw invalid(`it has ${graphs.length} graphs, not one`);
  }
  const initializers = new Set<string>();
  const inputs: Port[] = [];
  const outputs: Port[] = [];
  let hasExternalData = false;
  for (const { id, bytes } of readFields(graph.bytes)) {
    if (id === 5) {
      const tensor = readTensorHead(bytes);
      initializers.add(tensor.name);
      hasExternalData ||= tensor.isExternal;
    }
    if (id === 11) inputs.push(readPort(bytes));
    if (id === 12) outputs.push(readPort(bytes));
    if (inputs.length + outputs.length > MAX_PORTS) {
      throw invalid(`it has more than ${MAX_PORTS} inputs and outputs`);
    }
  }
  return {
    inputs: inputs.filter(({ name }) => !initializers.has(name)),
    outputs,
    hasExternalData,
  };
}

function readTensorHead(tensor: Uint8Array): { name: string; isExternal: boolean } {
  let name = '';
  let isExternal = false;
  for (const field of readFields(tensor)) {
    if (field.id === 8) name = readText(field);
    if (field.id === 13 || (field.id === 14 && field.value === EXTERNAL)) isExternal = true;
  }
  return { name, isExternal };
}

function readPort(info: Uint8Array): Port {
  let name = '';
  let tensor: TensorType = { type: 0, shape: [] };
  for (const field of readFields(info)) {
    if (field.id === 1) name = readText(field);
    if (field.id !== 2) continue;
    for (const kind of readFields(field.bytes)) {
      if (kind.id === 1) tensor = readTensorType(kind.bytes);
    }
  }
  return { name, ...tensor };
}

type TensorType = Omit<Port, 'name'>;

function readTensorType(bytes: Uint8Array): TensorType {
  let type = 0;
  const shape: (number | null)[] = [];
  for (const field of readFields(bytes)) {
    if (field.id === 1) type = field.value;
    if (field.id !== 2) continue;
    for (const dimension of readFields(field.bytes)) {
      if (dimension.id === 1) shape.push(readSize(dimension.bytes));
    }
  }
  return { type, shape };
}

/** A size that is no positive whole number is left to the runtime, like a symbolic one. */
function readSize(dimension: Uint8Array): number | null {
  let size: number | null = null;
  for (const { id, value } of readFields(dimension)) {
    if (id === 1) size = Number.isSafeInteger(value) && value > 0 ? value : null;
  }
  return size;
}

function readText({ bytes }: Field): string {
  if (bytes.length > MAX_NAME_BYTES) throw invalid(`a name is over ${MAX_NAME_BYTES} bytes`);
  return new TextDecoder().decode(bytes);
}

function invalid(why: string): ServeError {
  return new ServeError('model_invalid', `cannot load the ONNX file: ${why}`);
}
