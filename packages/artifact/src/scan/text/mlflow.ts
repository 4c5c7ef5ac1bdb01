/**
 * Model folders of MLflow: what loading one imports, runs or reads (rules C-1, C-2, C-5).
 *
 * `MLmodel` names the module that loads each flavour, folders of Python that are put in front of the
 * path of modules, a script or a pickled object that is the model, and the files of all of these. Two
 * small files beside it name a module each.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import { readAll } from '../byte-source.ts';
import type { Inspection } from '../inspection.ts';
import { checkLoader, checkModule } from './component.ts';

const MAX_NAME_BYTES = 4096;
/** Members of a flavour that are paths below the folder. */
const PATHS =
  'data model_path model_data model_binary model_code_path pickled_model python_model code env lib_path saved_model_dir'.split(
    ' ',
  );
const KERAS = /^(?:keras|tf_keras|tensorflow\.keras|tensorflow\.python\.keras)$/;
const PICKLE = /^(?:mlflow\.pytorch\.pickle_module|pickle|cloudpickle|dill|joblib)$/;

/** Judges a document of the name `MLmodel`. */
export function checkMlmodel(inspection: Inspection, model: Json): void {
  const flavours = isObject(model) ? model['flavors'] : null;
  if (!isObject(flavours)) {
    inspection.report('C-4', 'the model of MLflow has no flavors');
    return;
  }
  for (const flavour of Object.values(flavours)) {
    if (isObject(flavour)) checkFlavour(inspection, flavour);
  }
}

function checkFlavour(inspection: Inspection, flavour: JsonObject): void {
  const { loader_module: loader, model_code_path: script, code, python_model: object } = flavour;
  if (isSet(loader)) checkLoader(inspection, told(loader));
  const keras = flavour['keras_module'];
  if (isSet(keras) && !KERAS.test(told(keras))) checkModule(inspection, told(keras));
  if (isSet(script)) {
    const what = `loading this model runs the Python file ${excerpt(told(script))}`;
    inspection.report('C-2', what);
  }
  if (isSet(code)) {
    const what = `loading this model puts its folder ${excerpt(told(code))} in front of the path`;
    inspection.report('C-2', `${what} of Python: its files are imported in the place of others`);
  }
  if (isSet(object)) {
    const what = `loading this model unpickles ${excerpt(told(object))}, an object of its author`;
    inspection.report('C-2', `${what}, and predicting runs the code in it`);
  }
  checkPaths(inspection, flavour);
}

function checkPaths(inspection: Inspection, flavour: JsonObject): void {
  const paths: Json[] = PATHS.map((key) => flavour[key] ?? null);
  const { artifacts, env } = flavour;
  if (isObject(env)) paths.push(...Object.values(env));
  if (isObject(artifacts)) {
    for (const artifact of Object.values(artifacts)) {
      if (isObject(artifact)) paths.push(artifact['path'] ?? null);
    }
  }
  for (const path of paths) {
    if (typeof path !== 'string' || !leaves(path)) continue;
    inspection.report('C-5', `loading this model reads ${excerpt(path)}, outside of its folder`);
  }
}

/** Whether a path does not stay below the folder that it is relative to. */
function leaves(path: string): boolean {
  return /^(?:[/\\~]|[A-Za-z]:|[A-Za-z][\w+.-]*:\/\/)|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path);
}

/** The reader of a file by whose name MLflow imports the module that stands in it, or null. */
export function moduleFileReader(base: string): ((inspection: Inspection) => void) | null {
  if (base === 'pickle_module_info.txt') return (i) => checkModuleFile(i, PICKLE);
  return base === 'keras_module.txt' ? (i): void => checkModuleFile(i, KERAS) : null;
}

function checkModuleFile(inspection: Inspection, known: RegExp): void {
  inspection.format = 'mlflow';
  const bytes = readAll(inspection.source, MAX_NAME_BYTES);
  const module = Buffer.from(bytes).toString('utf8').trim();
  if (!known.test(module)) checkModule(inspection, module);
}

function isSet(value: Json | undefined): value is Exclude<Json, null> {
  return value !== undefined && value !== null && value !== '' && value !== false;
}

function told(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
