/**
 * Gives content to the readers of what it is, and of what its name says it is.
 *
 * Content decides (Z-1). Where name and content contradict, both readers judge, and the
 * contradiction is reported. A reader that fails makes the file incomplete: whatever is thrown here
 * becomes a finding, never a pass.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { readTar } from './archive/tar.ts';
import { findEnd } from './archive/zip-directory.ts';
import { isTensorMember } from './archive/zip-format.ts';
import { readZip } from './archive/zip.ts';
import { readCompressed } from './compression/member.ts';
import { ScanError, faultOffset } from './errors.ts';
import type { Kind } from './file-kind.ts';
import {
  acceptedKinds,
  baseName,
  extensionOf,
  isCheckpointData,
  isPickleName,
  isProseName,
} from './file-name.ts';
import { readCoreml } from './graph/coreml.ts';
import { readHdf5 } from './graph/hdf5.ts';
import { readOnnx, readTensorFile } from './graph/onnx.ts';
import { readCheckpointIndex } from './graph/tf-checkpoint.ts';
import { readTensorflow } from './graph/tensorflow.ts';
import { readTflite } from './graph/tflite.ts';
import { isTorchScriptCode, readTorchScript } from './graph/torchscript.ts';
import type { Inspection } from './inspection.ts';
import { readPickles } from './pickle/stream.ts';
import { isText, isUnmarkedPickle, sniff, sniffTensor } from './sniff.ts';
import { readCatboost } from './tensor/catboost.ts';
import { readGguf } from './tensor/gguf.ts';
import { readMsgpack } from './tensor/msgpack.ts';
import { readNumpy } from './tensor/numpy.ts';
import { readSafetensors } from './tensor/safetensors.ts';
import { readRecords } from './tensor/tfrecord.ts';
import { readUbjson } from './tensor/ubjson.ts';
import { readWordVectors } from './tensor/word2vec.ts';
import { isChunk } from './tensor/zarr.ts';
import { readText } from './text/text-file.ts';
import { readXml } from './text/xml.ts';

type Reader = (inspection: Inspection) => void;

const READERS: Readonly<Record<Kind, Reader>> = {
  empty: readEmpty,
  zip: readZip,
  tar: readTar,
  'refused-archive': (i) =>
    refuse(i, 'archive', 'Z-7', 'this archive type is refused: its content is not a model format'),
  gzip: (i) => readCompressed(i, 'gzip'),
  zlib: (i) => readCompressed(i, 'zlib'),
  bzip2: (i) => readCompressed(i, 'bzip2'),
  xz: (i) => readCompressed(i, 'xz'),
  lzma: (i) => readCompressed(i, 'lzma'),
  lz4: (i) => readCompressed(i, 'lz4'),
  zstd: (i) => readCompressed(i, 'zstd'),
  'joblib-zfile': (i) => readCompressed(i, 'joblib-zfile'),
  pickle: (i) => readPickles(i),
  npy: readNumpy,
  gguf: readGguf,
  safetensors: readSafetensors,
  ubjson: readUbjson,
  hdf5: readHdf5,
  tflite: readTflite,
  onnx: readOnnx,
  'onnx-tensor': readTensorFile,
  'saved-model': (i) => readTensorflow(i, 'saved-model'),
  'tf-graph': (i) => readTensorflow(i, 'graph'),
  'meta-graph': (i) => readTensorflow(i, 'meta-graph'),
  coreml: readCoreml,
  catboost: readCatboost,
  msgpack: readMsgpack,
  tfrecord: readRecords,
  word2vec: readWordVectors,
  sentencepiece: (i) => void (i.format = 'sentencepiece'),
  native: (i) => refuse(i, 'native', 'M-2', 'this is program code for the machine, not a model'),
  'lfs-pointer': (i) =>
    refuse(i, 'git-lfs', 'M-1', 'this is a Git LFS pointer: the model itself is not here'),
  html: readHtml,
  xml: readXml,
  image: readImage,
  text: readText,
  'old-ggml': (i) =>
    refuse(i, 'ggml', 'M-3', 'this file format of GGML is not read: convert it to GGUF'),
  binary: readBinary,
};

/** Readers that a name asks for when the content says nothing, or something else. */
const BY_NAME: ReadonlyMap<string, readonly [kind: Kind, reader: Reader]> = new Map<
  string,
  readonly [Kind, Reader]
>([
  ['safetensors', ['safetensors', readSafetensors]],
  ['gguf', ['gguf', readGguf]],
  ['onnx', ['onnx', readOnnx]],
  ['tflite', ['tflite', readTflite]],
  ['h5', ['hdf5', readHdf5]],
  ['msgpack', ['msgpack', readMsgpack]],
  ['meta', ['meta-graph', (i): void => readTensorflow(i, 'meta-graph')]],
  ['hdf5', ['hdf5', readHdf5]],
]);

/** Inspects one content. Nothing is thrown for what the content holds. */
export function dispatch(inspection: Inspection): void {
  const name = inspection.place.name;
  try {
    if (isTensorMember(inspection.place.within, name) || isChunk(inspection))
      return readTensorMember(inspection);
    if (isTorchScriptCode(inspection.place.within, name)) return readTorchScript(inspection);
    const kind = kindOf(inspection);
    read(inspection, kind);
    checkPolyglot(inspection, kind);
    checkPickle(inspection, kind);
  } catch (error) {
    stopped(inspection, error);
  }
}

/** PERSID, the letter P. */
const PERSISTENT_ID = 0x50;

/** Kinds whose mark is short or absent: other bytes may carry it by accident. */
const WEAK: ReadonlySet<Kind> = new Set<Kind>(['text', 'binary', 'zlib', 'lzma', 'bzip2']);
/** Kinds that say nothing about a contradiction between name and content. */
const SILENT: ReadonlySet<Kind> = new Set<Kind>(['empty', 'lfs-pointer', 'binary', 'text', 'html']);

function kindOf(inspection: Inspection): Kind {
  const { source, place } = inspection;
  const base = baseName(place.name);
  const kind = sniff(source, base);
  if (base === 'saved_model.pb' && kind !== 'zip' && kind !== 'pickle') return 'saved-model';
  if (!WEAK.has(kind)) return kind;
  const asText = (kind === 'text' || isText(source)) && !isPickleName(place.name);
  if (isUnmarkedPickle(source, asText)) return 'pickle';
  const named = BY_NAME.get(extensionOf(place.name));
  return named !== undefined && kind !== 'text' ? named[0] : kind;
}

function read(inspection: Inspection, kind: Kind): void {
  const { name } = inspection.place;
  if (baseName(name) === 'keras_metadata.pb' && kind !== 'pickle' && kind !== 'zip') {
    readTensorflow(inspection, 'keras-metadata');
    return;
  }
  READERS[kind](inspection);
  if (!isCheckpointData(name) && !SILENT.has(kind)) checkName(inspection, kind);
}

/** Content of another kind than the name promises is judged as both. */
function checkName(inspection: Inspection, kind: Kind): void {
  const { name, within } = inspection.place;
  // Early pandas gives the only member of a packed pickle the name of the archive.
  if (within === 'zip' && kind === 'pickle' && extensionOf(name) === 'zip') return;
  const accepted = acceptedKinds(name);
  if (accepted === null || accepted.has(kind)) return;
  const what = `the name promises ${extensionOf(name)} and the content is ${inspection.format}`;
  inspection.report('Z-1', what, 0);
  const named = BY_NAME.get(extensionOf(name));
  if (named !== undefined && named[0] !== kind) named[1](inspection.variant(inspection.source));
}

/** A file that is also a ZIP archive: readers of ZIP start at the end (Z-8). */
function checkPolyglot(inspection: Inspection, kind: Kind): void {
  const { source } = inspection;
  if (kind === 'zip' || kind === 'tar' || kind === 'empty' || source.sizeBytes < 22) return;
  if (findEnd(source) < 0) return;
  if (kind === 'tflite') {
    readZipBehind(inspection); // metadata of TFLite stand in a ZIP behind the model
    return;
  }
  if (inspection.place.within !== null && inspection.place.name.startsWith('bytes@')) return;
  inspection.report(
    'Z-8',
    `the file is ${inspection.format} and a ZIP archive at once`,
    findEnd(source),
  );
  readZip(inspection.variant(source));
}

/**
 * A file of another kind that acts as a pickle: what loads pickles asks for no mark, so the bytes
 * before that of HDF5, or the first name of a TAR archive, may be opcodes (Z-8).
 */
function checkPickle(inspection: Inspection, kind: Kind): void {
  if (kind === 'pickle' || kind === 'zip' || kind === 'empty' || WEAK.has(kind)) return;
  // A persistent id, at which a loader stops that was given no way to find what it names: the mark of
  // ZIP, and the length of one header of safetensors in 32.
  if (inspection.source.read(0, 1)[0] === PERSISTENT_ID) return;
  if (!isUnmarkedPickle(inspection.source, true)) return;
  inspection.report('Z-8', `the file is ${inspection.format} and a pickle at once`, 0);
  readPickles(inspection.variant(inspection.source));
}

function readZipBehind(inspection: Inspection): void {
  const inner = inspection.variant(inspection.source);
  readZip(inner);
}

/** Raw bytes of a tensor: judged only where a loader would see more in them. */
function readTensorMember(inspection: Inspection): void {
  const kind = sniffTensor(inspection.source);
  inspection.format = 'tensor';
  if (kind === 'native') {
    inspection.report('M-2', 'a tensor of the archive is program code for the machine', 0);
  } else if (kind !== null) {
    READERS[kind](inspection);
  } else if (isUnmarkedPickle(inspection.source, true)) {
    readPickles(inspection);
  }
}

function readEmpty(inspection: Inspection): void {
  inspection.format = 'empty';
  const { place } = inspection;
  if (place.within !== null && !isPickleName(place.name)) return;
  if (isProseName(place.name) && acceptedKinds(place.name) === null) return;
  if (extensionOf(place.name) === 'py' || extensionOf(place.name) === 'txt') return;
  inspection.report('M-1', 'the file is empty', 0);
}

function readHtml(inspection: Inspection): void {
  inspection.format = 'html';
  if (/^html?$/.test(extensionOf(inspection.place.name))) return;
  inspection.report('M-1', 'this is a web page, probably an error message, and not a model', 0);
}

function readImage(inspection: Inspection): void {
  inspection.format = 'image';
  if (acceptedKinds(inspection.place.name)?.has('image') === true) return;
  inspection.report('M-1', 'this is an image or document and not a model', 0);
}

function readBinary(inspection: Inspection): void {
  const { place, job } = inspection;
  inspection.format = 'binary';
  if (extensionOf(place.name) === 'index') {
    readCheckpointIndex(inspection);
    return;
  }
  if (isCheckpointData(place.name)) {
    inspection.format = 'tf-checkpoint';
    return;
  }
  if (place.member === null && job.folder.tensorData.has(job.path)) {
    inspection.format = 'tensor';
    return;
  }
  if (isPickleName(place.name)) {
    readPickles(inspection);
    return;
  }
  if (place.name.startsWith('bytes@')) return;
  inspection.report('M-1', `the content of ${excerpt(place.name)} is of no known format`, 0);
}

function refuse(
  inspection: Inspection,
  format: string,
  rule: 'Z-7' | 'M-1' | 'M-2' | 'M-3',
  why: string,
): void {
  inspection.format = format;
  inspection.report(rule, why, 0);
}

function stopped(inspection: Inspection, error: unknown): void {
  const offset = faultOffset(error);
  if (error instanceof ScanError) {
    inspection.report('M-3', `the scan stopped: ${error.message}`, offset);
    return;
  }
  if (error instanceof RangeError) {
    const what = 'a value is longer, or nests deeper, than can be followed';
    inspection.report('M-3', `the scan stopped: ${what}`, offset);
    return;
  }
  // A defect of a reader must not pass a file, nor stop the scan of the others.
  const what = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
  inspection.report('M-3', `a reader failed: ${excerpt(what)}`, offset);
}
