/**
 * HDF5 files: Keras models and weights (rules K-1 to K-6).
 *
 * Text attributes that hold JSON are judged as Keras configurations wherever they stand. Links to
 * other files and external storage block. What the reader does not know makes the file incomplete,
 * unless a search of the raw bytes says more.
 *
 * @module
 */
import { CoreError, excerpt, parseStrictJson } from '@proofmark/core';
import type { Json } from '@proofmark/core';

import { ScanError, faultOffset } from '../errors.ts';
import type { Inspection } from '../inspection.ts';
import type { Hdf5Visitor } from './hdf5-reader.ts';
import { Hdf5Reader, findSuperblock } from './hdf5-reader.ts';
import { checkKerasConfig } from './keras-config.ts';

const CHUNK_BYTES = 1 << 20;
const MAX_SEARCH_BYTES = 64 << 20;
const LAMBDA = /"class_name"\s*:\s*"(Lambda|__lambda__|TorchModuleWrapper|TFSMLayer)"/;

export function readHdf5(inspection: Inspection): void {
  inspection.format = 'hdf5';
  const superblock = findSuperblock((offset, length) => inspection.source.read(offset, length));
  if (superblock === null) {
    inspection.report('K-4', 'the file has no HDF5 superblock', 0);
    return;
  }
  const visitor = new Visitor(inspection);
  try {
    new Hdf5Reader(inspection, visitor).read(superblock);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    inspection.report('K-4', `the file is malformed: ${error.message}`, faultOffset(error));
    visitor.complete = false;
  }
  if (!visitor.complete) searchRaw(inspection);
}

class Visitor implements Hdf5Visitor {
  readonly #inspection: Inspection;
  complete = true;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
  }

  attribute(path: string, name: string, text: string | null, offset: number): void {
    if (name === 'model_config' || name === 'keras_version' || name === 'layer_names') {
      this.#inspection.format = 'keras-h5';
    }
    if (text === null) {
      if (name === 'model_config' || name === 'training_config') {
        this.unread(path, `the attribute ${name}`, offset);
      }
      return;
    }
    if (!/^\s*[{[]/.test(text)) return;
    let value: Json;
    try {
      value = parseStrictJson(text);
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      const id = error.message.includes('twice') ? 'K-2' : 'K-4';
      this.#inspection.report(
        id,
        `the attribute ${excerpt(name)} is malformed: ${error.message}`,
        offset,
      );
      this.complete = false;
      return;
    }
    checkKerasConfig(this.#inspection, value);
  }

  externalLink(path: string, file: string, offset: number): void {
    const what = `reading ${excerpt(path)} opens another file: ${excerpt(file)}`;
    this.#inspection.report('K-5', what, offset);
  }

  externalStorage(path: string, offset: number): void {
    const what = `the data of ${excerpt(path === '' ? '/' : path)} are read from another file`;
    this.#inspection.report('K-5', what, offset);
  }

  unread(path: string, what: string, offset: number): void {
    this.complete = false;
    const where = excerpt(path === '' ? '/' : path);
    this.#inspection.report('K-4', `${what} of ${where} is not read`, offset);
  }
}

/** A second net for files that were not read completely. */
function searchRaw(inspection: Inspection): void {
  const end = Math.min(inspection.source.sizeBytes, MAX_SEARCH_BYTES);
  for (let at = 0; at < end; at += CHUNK_BYTES) {
    const text = Buffer.from(inspection.source.read(at, CHUNK_BYTES + 64)).toString('latin1');
    const match = LAMBDA.exec(text);
    if (match === null) continue;
    const what = `building the model runs code from its configuration: ${match[1] ?? ''}`;
    inspection.report('K-1', what, at + match.index);
    return;
  }
}
