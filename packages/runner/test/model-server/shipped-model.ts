/**
 * The model that ships, loaded once for the tests of the engine.
 *
 * @module
 */
import path from 'node:path';

import { loadModelFolder } from '../../src/model-server/model-folder.ts';
import type { LoadedModel } from '../../src/model-server/model-folder.ts';

export const MODEL_FOLDER: string = path.join(
  import.meta.dirname,
  '../../../../models/support-assistant/model',
);

let loaded: LoadedModel | undefined;

export function shippedModel(): LoadedModel {
  loaded ??= loadModelFolder(MODEL_FOLDER);
  return loaded;
}
