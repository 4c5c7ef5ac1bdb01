/**
 * Paths that a TensorFlow graph brings with it (rules T-1, K-1, T-3).
 *
 * Checkpoints and tables are read and written by operations that every SavedModel has; the runtime
 * passes their paths. A path that is a constant of the graph is followed from the operation back over
 * what joins or passes it on, and blocks where it leaves the model. Assets are constants, too: the
 * runtime replaces those that the model declares by the files of its own folder.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';

import type { Inspection } from '../inspection.ts';
import { checkKerasConfig } from './keras-config.ts';
import type { Message } from './protobuf.ts';
import { fieldText, fields, nested } from './protobuf.ts';

/** A node of a graph or function, as far as paths run through it. */
export interface PathNode {
  readonly name: string;
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly attributes: readonly Message[];
  readonly offset: number;
}

/** Which inputs of an operation are paths. */
const PATHS: ReadonlyMap<string, readonly number[]> = new Map([
  ...['Save', 'SaveV2', 'SaveSlices'].map((name): [string, number[]] => [name, [0]]),
  ...['Restore', 'RestoreV2', 'RestoreSlice', 'DTensorRestoreV2'].map(
    (name): [string, number[]] => [name, [0]],
  ),
  ['MergeV2Checkpoints', [0, 1]],
  ['InitializeTableFromTextFile', [1]],
  ['InitializeTableFromTextFileV2', [1]],
]);
const WRITES = /^(?:Save|Merge)/;
const MAX_STEPS = 256;
const STRING_VALUE = 8;
const CONTENT = 4;
const META = { collections: 4, assets: 6, objects: 7 } as const;

/** Judges the paths of a graph and of each of its functions. */
export function checkPaths(
  inspection: Inspection,
  bodies: readonly (readonly PathNode[])[],
  assets: ReadonlySet<string>,
): void {
  for (const nodes of bodies) {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const graph = { byName, assets, bodies };
    for (const node of nodes) {
      const known = PATHS.get(node.operation);
      if (known !== undefined) checkNode(inspection, node, known, graph);
      else if (callsFunction(inspection, node)) checkCall(inspection, node, graph);
    }
  }
}

interface Graph {
  readonly byName: ReadonlyMap<string, PathNode>;
  readonly assets: ReadonlySet<string>;
  readonly bodies: readonly (readonly PathNode[])[];
}

function checkNode(
  inspection: Inspection,
  node: PathNode,
  inputs: readonly number[],
  graph: Graph,
): void {
  const effect = WRITES.test(node.operation) ? 'writes' : 'reads';
  for (const input of inputs) {
    const start = node.inputs[input];
    if (start === undefined) continue;
    const outside = constantsOf(inspection, start, graph).find((text) => leaves(text));
    if (outside !== undefined) {
      const what = `running the graph ${effect} ${excerpt(outside)}, a path of its own`;
      inspection.report('T-1', `${what}: the operation ${node.operation}`, node.offset);
      return;
    }
  }
  const direct = nameOf(node.inputs[0] ?? '');
  if (effect !== 'writes' || graph.byName.get(direct)?.operation !== 'Const') return;
  if (isSaverName(direct)) return;
  const what = `running the graph writes to a path of its own: the operation ${node.operation}`;
  inspection.report('T-1', what, node.offset);
}

/** A path that is handed to a function of the graph, which may do anything with it. */
function checkCall(inspection: Inspection, node: PathNode, { byName, assets }: Graph): void {
  for (const input of node.inputs) {
    const source = byName.get(nameOf(input));
    if (source?.operation !== 'Const' || assets.has(source.name)) continue;
    const outside = textsOf(inspection, source).find((text) => leaves(text));
    if (outside === undefined) continue;
    const what = `running the graph hands the path ${excerpt(outside)} to a function`;
    inspection.report('T-1', `${what}: the operation ${node.operation}`, node.offset);
  }
}

/** Texts of all constants that an input is made of. */
function constantsOf(inspection: Inspection, input: string, graph: Graph): string[] {
  const { byName, assets } = graph;
  const texts: string[] = [];
  const open = [nameOf(input)];
  const seen = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name) || seen.size > MAX_STEPS) continue;
    seen.add(name);
    inspection.spend(1);
    const node = byName.get(name);
    if (node === undefined || assets.has(name)) continue;
    if (node.operation === 'Const') texts.push(...textsOf(inspection, node));
    else if (callsFunction(inspection, node)) texts.push(...allTexts(inspection, graph));
    else open.push(...node.inputs.map((one) => nameOf(one)));
  }
  return texts;
}

/** What a function gives may be any constant of any function. */
function allTexts(inspection: Inspection, { bodies, assets }: Graph): string[] {
  return bodies
    .flat()
    .filter(({ name, operation }) => operation === 'Const' && !assets.has(name))
    .flatMap((node) => textsOf(inspection, node));
}

/** `name`, `name:0`, `^name` and `name:output:0` are outputs of one node. */
function nameOf(input: string): string {
  return input.replace(/^\^/, '').split(':')[0] ?? '';
}

/** The texts of a constant: AttrValue.tensor of its attribute `value`. */
function textsOf(inspection: Inspection, node: PathNode): string[] {
  const spend = (steps: number): void => inspection.spend(steps);
  const texts: string[] = [];
  for (const attribute of node.attributes) {
    for (const value of inner(attribute, 2, spend)) {
      for (const tensor of inner(value, 8, spend)) {
        for (const field of fields(tensor, spend)) {
          if (field.wire !== 2) continue;
          if (field.id === STRING_VALUE) texts.push(fieldText(tensor, field));
          if (field.id === CONTENT) texts.push(...withoutLengths(fieldText(tensor, field)));
        }
      }
    }
  }
  return texts;
}

/** Texts as raw content have their lengths in front, of one byte or more. */
function withoutLengths(content: string): string[] {
  return content.length > 4096 ? [] : [1, 2].map((skipped) => content.slice(skipped));
}

/** Whether an attribute of the node is a function: AttrValue.func. */
function callsFunction(inspection: Inspection, { attributes }: PathNode): boolean {
  const spend = (steps: number): void => inspection.spend(steps);
  return attributes
    .flatMap((attribute) => inner(attribute, 2, spend))
    .some((value) => inner(value, 10, spend).length > 0);
}

function inner(message: Message, id: number, spend: (steps: number) => void): Message[] {
  const found: Message[] = [];
  for (const field of fields(message, spend)) {
    if (field.id === id && field.wire === 2) found.push(nested(message, field));
  }
  return found;
}

/** Whether a path is absolute, climbs, or names a drive, a home folder or a file system. */
function leaves(path: string): boolean {
  return /^(?:[/\\~]|[A-Za-z]:[/\\]|[A-Za-z][\w+.-]*:\/\/)|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path);
}

/** The constant that every saver has, which the runtime replaces when it feeds the real path. */
function isSaverName(name: string): boolean {
  return /(?:^|\/)save(?:_\d+)?\/(?:Const|filename)/.test(name) || /^save\w*\//.test(name);
}

/** Names of the constants that stand for assets; what leaves the folder of assets blocks. */
export function assetsOf(inspection: Inspection, metaGraph: Message): ReadonlySet<string> {
  const spend = (steps: number): void => inspection.spend(steps);
  const names = new Set<string>();
  const files = [
    ...inner(metaGraph, META.assets, spend),
    ...inner(metaGraph, META.collections, spend).flatMap((entry) => collectedAssets(entry, spend)),
  ];
  for (const file of files) {
    for (const info of inner(file, 1, spend)) names.add(nameOf(textOf(info, 1, spend)));
    const path = textOf(file, 2, spend);
    if (!leaves(path)) continue;
    const what = `loading the model reads the asset ${excerpt(path)}`;
    inspection.report('T-1', `${what}, which is outside of its folder`, file.start);
  }
  return names;
}

/** Early writers keep the assets in a collection. */
function collectedAssets(entry: Message, spend: (steps: number) => void): Message[] {
  if (textOf(entry, 1, spend) !== 'saved_model_assets') return [];
  return inner(entry, 2, spend)
    .flatMap((collection) => inner(collection, 5, spend))
    .flatMap((list) => inner(list, 1, spend))
    .flatMap((any) => inner(any, 2, spend));
}

/** The last text of a field, which is what readers keep. */
function textOf(message: Message, id: number, spend: (steps: number) => void): string {
  let text = '';
  for (const field of fields(message, spend)) {
    if (field.id === id && field.wire === 2) text = fieldText(message, field);
  }
  return text;
}

/**
 * Keras keeps the configuration of layers with the objects of a SavedModel, and reads it there where
 * there is no `keras_metadata.pb`.
 */
export function checkSavedObjects(inspection: Inspection, metaGraph: Message): void {
  const spend = (steps: number): void => inspection.spend(steps);
  const users = inner(metaGraph, META.objects, spend)
    .flatMap((objects) => inner(objects, 1, spend))
    .flatMap((object) => inner(object, 4, spend));
  for (const user of users) {
    for (const field of fields(user, spend)) {
      if (field.id === 3 && field.wire === 2) checkMetadata(inspection, user, field);
    }
  }
}

function checkMetadata(
  inspection: Inspection,
  user: Message,
  field: { readonly start: number; readonly end: number },
): void {
  const bytes = user.source.read(field.start, field.end - field.start);
  if (!/^\s*[{[]/.test(Buffer.from(bytes.subarray(0, 16)).toString('latin1'))) return;
  try {
    checkKerasConfig(inspection, parseStrictJson(bytes));
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    inspection.report('T-3', `Keras metadata are malformed: ${error.message}`, field.start);
  }
}
