/**
 * What bytes are, from the bytes (requirement Z-1). A file name only breaks ties.
 *
 * Magic of four bytes and more is believed; shorter magic must also parse. Pickles of protocols 0
 * and 1 have no magic: the machine is run on them.
 *
 * @module
 */
import { isAscii } from 'node:buffer';

import { isTar } from './archive/tar.ts';
import type { ByteSource } from './byte-source.ts';
import { latin1 } from './byte-source.ts';
import type { Kind } from './file-kind.ts';
import { isCheckpointData } from './file-name.ts';
import { findSuperblock } from './graph/hdf5-reader.ts';
import type { Message } from './graph/protobuf.ts';
import { isMessage, messageOf } from './graph/protobuf.ts';
import { looksLikeGraph } from './graph/tensorflow.ts';
import { OPCODES } from './pickle/opcodes.ts';
import { probePickle } from './pickle/probe.ts';
import { looksLikeMsgpack } from './tensor/msgpack.ts';
import { NUMPY_MAGIC } from './tensor/numpy.ts';
import { looksLikeRecords } from './tensor/tfrecord.ts';
import { looksLikeWordVectors } from './tensor/word2vec.ts';
import { looksLikeUbjson } from './tensor/ubjson.ts';

type Magic = readonly [kind: Kind, magic: string, offset?: number];

const MAGIC: readonly Magic[] = [
  ['zip', 'PK\u0003\u0004'],
  ['zip', 'PK\u0005\u0006'],
  ['refused-archive', "7z\u00bc\u00af'\u001c"],
  ['refused-archive', 'Rar!\u001a\u0007'],
  ['refused-archive', 'MSCF\0\0\0\0'],
  ['refused-archive', '!<arch>\n'],
  ['refused-archive', 'xar!'],
  ['refused-archive', '\u00ed\u00ab\u00ee\u00db'],
  // Installers and documents with macros of Windows.
  ['refused-archive', '\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1'],
  ['npy', NUMPY_MAGIC],
  ['gguf', 'GGUF'],
  ['old-ggml', 'lmgg'],
  ['old-ggml', 'tjgg'],
  ['old-ggml', 'fmgg'],
  ['old-ggml', 'FUGG'],
  ['zstd', '\u0028\u00b5\u002f\u00fd'],
  ['lz4', '\u0004\u0022\u004d\u0018'],
  ['xz', '\u00fd7zXZ\0'],
  ['bzip2', 'BZh'],
  ['gzip', '\u001f\u008b\u0008'],
  ['joblib-zfile', 'ZF0x'],
  ['tflite', 'TFL3', 4],
  ['catboost', 'CBM1'],
  ['native', '\u007fELF'],
  ['native', '\u00fe\u00ed\u00fa\u00ce'],
  ['native', '\u00fe\u00ed\u00fa\u00cf'],
  ['native', '\u00ce\u00fa\u00ed\u00fe'],
  ['native', '\u00cf\u00fa\u00ed\u00fe'],
  ['native', '\u00ca\u00fe\u00ba\u00be'],
  ['native', '\u00ca\u00fe\u00ba\u00bf'],
  ['native', '\0asm'],
  // LLVM bit code, Dalvik, Lua, a shortcut of Windows, a program for every machine (llamafile).
  ['native', 'BC\u00c0\u00de'],
  ['native', 'dex\n0'],
  ['native', '\u001bLua'],
  ['native', 'L\0\0\0\u0001\u0014\u0002\0'],
  ['native', "MZqFpD='"],
  ['lfs-pointer', 'version https://git-lfs'],
  ['image', '\u0089PNG\r\n\u001a\n'],
  ['image', '\u00ff\u00d8\u00ff'],
  ['image', 'GIF8'],
  ['image', '%PDF-'],
  ['image', 'WEBP', 8],
];

const MAGIC_LATER = MAGIC.filter(([, , offset = 0]) => offset > 0);
/** What may begin with a byte, in the order of the table; nothing where it is only `MAGIC_LATER`. */
const MAGIC_BY_FIRST: readonly (readonly Magic[] | undefined)[] = Array.from(
  { length: 256 },
  (_, byte) => {
    const own = MAGIC.filter(([, magic, offset = 0]) => offset > 0 || magic.charCodeAt(0) === byte);
    return own.length > MAGIC_LATER.length ? own : undefined;
  },
);

/** By byte, 1 for a control character that is none of the spaces and escapes of text. */
const CONTROL = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= 8 || (byte >= 0x0e && byte <= 0x1f && byte !== 0x1b) ? 1 : 0,
);
const HEAD_BYTES = 4096;
const PORTABLE_HEADER_BYTES = 64;
const PICKLE_PROTOCOLS = 5;

export function sniff(source: ByteSource, name: string): Kind {
  if (source.sizeBytes === 0) return 'empty';
  const head = latin1(source.read(0, HEAD_BYTES));
  const marked = magicOf(head);
  if (marked !== null) return marked;
  if (isPortableExecutable(source, head) || isPythonCode(head)) return 'native';
  if (hasPickleMark(head)) {
    // The length of a safetensors header may begin with the same two bytes; then no pickle runs.
    return isSafetensors(source, head) && !reaches(source) ? 'safetensors' : 'pickle';
  }
  if (isTar(source)) return 'tar';
  return compressed(head) ?? structured(source, head, name) ?? textual(source, head) ?? 'binary';
}

/** What an archive calls a tensor, where it is more than numbers: a container or program code. */
export function sniffTensor(source: ByteSource): Kind | null {
  const head = latin1(source.read(0, PORTABLE_HEADER_BYTES));
  const marked = magicOf(head);
  if (marked === 'zip' || marked === 'native') return marked;
  if (isPortableExecutable(source, head)) return 'native';
  return isTar(source) ? 'tar' : null;
}

function magicOf(head: string): Kind | null {
  const candidates = MAGIC_BY_FIRST[head.charCodeAt(0)] ?? MAGIC_LATER;
  for (const [kind, magic, offset = 0] of candidates) {
    if (head.startsWith(magic, offset)) return kind;
  }
  return null;
}

/** Whether the bytes act as a pickle although nothing marks them as one. */
export function isUnmarkedPickle(source: ByteSource, isText: boolean): boolean {
  const [first] = source.read(0, 1);
  if (first === undefined || OPCODES[first] === undefined) return false;
  const probe = probePickle(source, 0);
  // So many opcodes in a row are no accident, and what follows them is for the reader to say.
  if (probe.isCut) return true;
  if (probe.denied > 0 && (probe.acts || probe.hasKnownEffect)) return true;
  if (probe.acts && probe.complete) return true;
  // Ordinary text may reach STOP by accident: "I1\n." does. Without an import it does nothing.
  return probe.complete && probe.end === source.sizeBytes && (!isText || probe.imports > 0);
}

function hasPickleMark(head: string): boolean {
  return head.length > 2 && head.startsWith('\u0080') && head.charCodeAt(1) <= PICKLE_PROTOCOLS;
}

/** Whether the bytes, read as a pickle, import or call something, come to an end or may do so later. */
function reaches(source: ByteSource): boolean {
  const { complete, isCut, imports, acts } = probePickle(source, 0);
  return complete || isCut || imports > 0 || acts;
}

function compressed(head: string): Kind | null {
  const [first, second] = [head.charCodeAt(0), head.charCodeAt(1)];
  if (
    (first & 15) === 8 &&
    first >> 4 <= 7 &&
    (first * 256 + second) % 31 === 0 &&
    (second & 0x20) === 0
  ) {
    return 'zlib';
  }
  return first === 0x5d && head.startsWith('\0\0', 1) && head.length > 13 ? 'lzma' : null;
}

function structured(source: ByteSource, head: string, name: string): Kind | null {
  if (isSafetensors(source, head)) return 'safetensors';
  const numbers = numbersOf(source);
  if (numbers !== null) return numbers;
  const superblock = head.includes('\u0089HDF') || source.sizeBytes > 512;
  if (superblock && findSuperblock((at, length) => source.read(at, length)) !== null) return 'hdf5';
  if (looksLikeMsgpack(source)) return 'msgpack';
  if (looksLikeRecords(source)) return 'tfrecord';
  // The small messages beside a SavedModel look like those of other formats.
  const mayBe = /^[\u0000-\u0008\u000e-\u001f\n\r]/.test(head) && !isCheckpointData(name);
  return mayBe ? protobuf(source, name) : null;
}

/** Formats that begin as text does. */
function numbersOf(source: ByteSource): Kind | null {
  const kind = looksLikeUbjson(source)
    ? 'ubjson'
    : looksLikeWordVectors(source)
      ? 'word2vec'
      : null;
  return kind !== null && isText(source) ? null : kind;
}

function isSafetensors(source: ByteSource, head: string): boolean {
  if (source.sizeBytes < 10 || !/^[{\s]/.test(head.slice(8, 9))) return false;
  const bytes = source.read(0, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  return (
    length >= 2n && length <= BigInt(source.sizeBytes - 8) && /^\s*\{\s*["}]/.test(head.slice(8))
  );
}

function protobuf(source: ByteSource, name: string): Kind | null {
  const message = messageOf(source);
  const seen = new Map<number, number>();
  let known = true;
  const walked = isMessage(message, (field) => {
    const isGraph = field.id !== 7 || (field.wire === 2 && field.end > field.start);
    if (isGraph) seen.set(field.id, (seen.get(field.id) ?? 0) + 1);
    known &&= field.id < 32 || field.id > 100;
    return true;
  });
  if (!walked || !known) return null;
  return modelOf(message, seen, name);
}

/** Which model has these fields, by how often each was seen. */
function modelOf(message: Message, seen: ReadonlyMap<number, number>, name: string): Kind | null {
  const has = (...ids: readonly number[]): boolean => ids.every((id) => seen.has(id));
  if (name.endsWith('.mlmodel') && has(1, 2)) return 'coreml';
  if (has(1, 7)) return 'onnx';
  if (looksLikeGraph(message)) return 'tf-graph';
  const ones = seen.get(1) ?? 0;
  if (name.endsWith('.pb')) {
    if (isTensor(message, seen)) return 'onnx-tensor';
    if (seen.has(2) && ones === 1) return 'saved-model';
  }
  return ones > 8 && name.endsWith('.model') ? 'sentencepiece' : null;
}

/** A TensorProto: a type, sizes as varints, and values of one kind or a place of them. */
function isTensor(message: Message, seen: ReadonlyMap<number, number>): boolean {
  const values = [4, 5, 6, 7, 9, 10, 11, 13].some((id) => seen.has(id));
  const isPlain = isMessage(
    message,
    ({ id, wire }) =>
      id <= 16 && (id !== 1 || wire === 0 || wire === 2) && (id !== 2 || wire === 0),
  );
  return isPlain && values && seen.get(2) === 1;
}

function textual(source: ByteSource, head: string): Kind | null {
  if (/^(?:\u00ef\u00bb\u00bf)?\s*<(?:!doctype\s+html|html[\s>]|head[\s>])/i.test(head))
    return 'html';
  if (/^(?:\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?\s*<(?:\?|!DOCTYPE|!--|PMML)/i.test(head))
    return 'xml';
  if (/^(?:\u00ff\u00fe(?:\s\0)*<\0|\u00fe\u00ff(?:\0\s)*\0<|<\0\?|\0<\0[?!A-Za-z])/.test(head))
    return 'xml';
  return isText(source) ? 'text' : null;
}

/** UTF-8 without control characters, in the first and the last 64 KiB. */
export function isText(source: ByteSource): boolean {
  const size = 64 * 1024;
  const parts = [source.read(0, size)];
  if (source.sizeBytes > size)
    parts.push(source.read(Math.max(size, source.sizeBytes - size), size));
  return parts.every((part) => {
    // A cut inside a character at the ends of a part gives a few replacement characters.
    const allowed = source.sizeBytes > size ? 6 : 0;
    const controls = controlsIn(part, allowed);
    return controls <= allowed && controls + replacementsIn(part) <= allowed;
  });
}

/** Control characters that text does not hold; counts no further than one above `enough`. */
function controlsIn(bytes: Uint8Array, enough: number): number {
  let count = 0;
  for (let at = 0; at < bytes.length && count <= enough; at += 1) {
    count += CONTROL[bytes[at] ?? 0] ?? 0;
  }
  return count;
}

/** How many replacement characters the bytes hold once they are decoded. */
function replacementsIn(bytes: Uint8Array): number {
  if (isAscii(bytes)) return 0;
  return (
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\ufffd')
      .length - 1
  );
}

/** Compiled Python: a version, a line end, flags, and from the 17th byte a code object (PEP 552). */
function isPythonCode(head: string): boolean {
  return head.startsWith('\r\n', 2) && /^[\0-\u0003]\0\0\0[^]{8}[\u00e3c]/.test(head.slice(4, 17));
}

function isPortableExecutable(source: ByteSource, head: string): boolean {
  if (!head.startsWith('MZ') || head.length < PORTABLE_HEADER_BYTES) return false;
  const offset = head.charCodeAt(60) + head.charCodeAt(61) * 256;
  return latin1(source.read(offset, 4)) === 'PE\0\0';
}
