/**
 * Text files: which of them a loader acts on, and the check for each.
 *
 * JSON, YAML, templates and vocabularies by name and content; documentation and source code are
 * listed and otherwise left alone, because nothing runs them unless a configuration says so (C-2).
 *
 * @module
 */
import { latin1, readAll } from '../byte-source.ts';
import { acceptedKinds, baseName, extensionOf, isPickleName, isProseName } from '../file-name.ts';
import { readTensorflowText } from '../graph/tensorflow-text.ts';
import type { Inspection } from '../inspection.ts';
import { checkEmbedded } from './document.ts';
import { readJson } from './json-config.ts';
import { moduleFileReader } from './mlflow.ts';
import { checkText } from './target.ts';
import { readTemplate } from './template.ts';
import { readXml } from './xml.ts';
import { readYaml } from './yaml.ts';

const BY_NAME: ReadonlyMap<string, (inspection: Inspection) => void> = new Map([
  ['json', readJson],
  ['jsonl', readJson],
  ['jinja', readJinja],
  ['jinja2', readJinja],
  ['j2', readJinja],
  ['pbtxt', readTensorflowText],
  ['yaml', readYaml],
  ['yml', readYaml],
  ['xml', readXml],
  ['pmml', readXml],
  ['mlmodel', readYaml],
]);
const LIGHTGBM = /^tree\r?\nversion=v\d/;
const MAX_TREES_BYTES = 256 * 1024 * 1024;
const SETTINGS = new Set(['toml', 'cfg', 'ini']);
const MAX_TEMPLATE_BYTES = 4 * 1024 * 1024;
const MODEL_EXTENSIONS = new Set([
  'safetensors',
  'gguf',
  'onnx',
  'tflite',
  'h5',
  'hdf5',
  'keras',
  'npy',
  'npz',
  'pb',
]);

export function readText(inspection: Inspection): void {
  const { name, within } = inspection.place;
  const extension = extensionOf(name);
  const reader = readerOf(inspection, extension);
  if (reader !== null) return reader(inspection);
  if (LIGHTGBM.test(latin1(inspection.source.read(0, 32)))) return readLightgbm(inspection);
  if (MODEL_EXTENSIONS.has(extension) || (isPickleName(name) && within === null)) {
    inspection.format = 'text';
    inspection.report('M-1', `this is text under the name of a ${extension} model`, 0);
    return;
  }
  inspection.format = extension === 'py' ? 'python' : 'text';
  if (!SETTINGS.has(extension) && isProseName(name)) return;
  const text = Buffer.from(readAll(inspection.source, MAX_TEMPLATE_BYTES)).toString('utf8');
  if (SETTINGS.has(extension)) checkText(inspection, text, name);
  checkEmbedded(inspection, name, text, 0);
}

/** Trees and numbers of LightGBM, which tells the length of each tree: what was cut is seen. */
function readLightgbm(inspection: Inspection): void {
  inspection.format = 'lightgbm';
  const text = latin1(readAll(inspection.source, MAX_TREES_BYTES));
  const sizes = /^tree_sizes=([\d ]*)$/m.exec(text)?.[1] ?? '';
  const total = sizes.split(' ').reduce((sum, size) => sum + Number(size), 0);
  const [start, end] = [text.search(/^Tree=0$/m), text.search(/^end of trees/m)];
  const whole = sizes === '' || end - start === total;
  if (end >= 0 && whole && /^pandas_categorical:/m.test(text)) return;
  inspection.report(
    'M-1',
    'the model breaks off: its trees or what follows them are incomplete',
    0,
  );
}

function readerOf(inspection: Inspection, extension: string): ((i: Inspection) => void) | null {
  const { name } = inspection.place;
  const base = baseName(name);
  if (base.startsWith('chat_template') && !extension.startsWith('json')) return readJinja;
  const named = moduleFileReader(base) ?? BY_NAME.get(base) ?? BY_NAME.get(extension);
  if (named !== undefined) return named;
  // A document without a telling name, such as an XGBoost `.model`, is read as what it looks like.
  if (acceptedKinds(name) !== null || isProseName(name)) return null;
  const head = Buffer.from(inspection.source.read(0, 256)).toString('utf8');
  return /^\s*\{/.test(head) ? readJson : null;
}

function readJinja(inspection: Inspection): void {
  inspection.format = 'jinja';
  const bytes = readAll(inspection.source, MAX_TEMPLATE_BYTES);
  const template = Buffer.from(bytes).toString('utf8');
  readTemplate(inspection, template, { name: inspection.place.name, offset: 0 });
}
