/**
 * Arrays of Zarr (versions 2 and 3), also as Orbax writes them: a folder of JSON and raw chunks (rule C-1).
 *
 * The JSON names the codecs that turn a chunk into numbers. One of them unpickles, and a registry of
 * the reading program may hold any: all but those that only compute on bytes block. Chunks beside such
 * a file are tensor data; what in them is an archive, a program or a pickle is told all the same.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';
import type { Json, JsonObject } from '@proofmark/core';

import type { Inspection } from '../inspection.ts';

/** Codecs of version 2 (numcodecs) and of version 3 that run nothing. */
const CODECS = new Set(
  'adler32 astype base64 bitround blosc bool bytes bz2 categorize crc32 crc32c delta endian fixedscaleoffset fletcher32 gzip jenkins_lookup3 json2 lz4 lzma msgpack2 packbits pcodec quantize sharding_indexed shuffle transpose vlen-array vlen-bytes vlen-utf8 zlib zstd zfpy'.split(
    ' ',
  ),
);
const METADATA = new Set(['.zarray', 'zarr.json']);
/** `0.1`, `0` below folders of numbers, and `c/0/1` of version 3. */
const CHUNK = /^(?:c[/.])?\d+(?:[/.]\d+)*$|^c$/;

/** Judges a document that describes an array or a group of them, by the name of its file. */
export function checkZarr(inspection: Inspection, base: string, value: Json): void {
  if (!isObject(value) || !(METADATA.has(base) || base === '.zmetadata')) return;
  for (const [name, part] of partsOf(value)) {
    checkZarr(
      inspection,
      base === '.zmetadata' ? name.slice(name.lastIndexOf('/') + 1) : base,
      part,
    );
  }
  if (base === '.zmetadata') return;
  inspection.format = 'zarr';
  const { filters, compressor, codecs, storage_transformers: transformers } = value;
  for (const list of [filters, codecs, transformers, [compressor ?? null]]) {
    checkCodecs(inspection, list);
  }
  checkObjects(inspection, value);
  if (base === '.zarray' || value['node_type'] === 'array') addFolder(inspection);
}

function addFolder({ job, place }: Inspection): void {
  if (place.member === null) job.folder.tensorData.add(folderOf(job.path));
}

/** The folder of a file, with `/` at its end. */
function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '/';
}

/** Descriptions of the arrays below, which a reader takes in the place of their own files. */
function partsOf({ metadata, consolidated_metadata: consolidated }: JsonObject): [string, Json][] {
  const inner = isObject(consolidated) ? consolidated['metadata'] : metadata;
  return isObject(inner) ? Object.entries(inner) : [];
}

/** Objects of Python without a codec that says how they were written are pickled. */
function checkObjects(inspection: Inspection, { dtype, filters }: JsonObject): void {
  const isObjects = JSON.stringify(dtype ?? null).includes('|O');
  if (!isObjects || (Array.isArray(filters) && filters.length > 0)) return;
  inspection.report('C-1', 'reading the array takes objects of Python from its chunks');
}

function checkCodecs(inspection: Inspection, list: Json | undefined): void {
  if (!Array.isArray(list)) return;
  for (const codec of list as readonly Json[]) {
    if (codec === null) continue;
    const name = nameOf(codec);
    if (!CODECS.has(name.replace(/^numcodecs\./, ''))) {
      const what = `reading the array runs the codec ${excerpt(name)}`;
      inspection.report('C-1', `${what}, which is not one that only computes on bytes`);
    }
    // A shard has codecs of its own, for its chunks and for its index.
    const inner = isObject(codec) ? codec['configuration'] : null;
    if (!isObject(inner)) continue;
    for (const more of [inner['codecs'], inner['index_codecs']]) checkCodecs(inspection, more);
  }
}

function nameOf(codec: Json): string {
  if (typeof codec === 'string') return codec;
  const name = isObject(codec) ? (codec['id'] ?? codec['name']) : null;
  return typeof name === 'string' ? name : 'without a name';
}

/** Whether a file is a chunk of an array whose description was read. */
export function isChunk({ place, job }: Inspection): boolean {
  const { tensorData } = job.folder;
  if (place.member !== null || tensorData.size === 0) return false;
  const parts = job.path.split('/');
  for (let n = 1; n <= parts.length; n += 1) {
    if (!CHUNK.test(parts.slice(-n).join('/'))) return false;
    if (tensorData.has(`${parts.slice(0, -n).join('/')}/`)) return true;
  }
  return false;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
