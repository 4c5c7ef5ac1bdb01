/**
 * What a file name promises: which formats the extension stands for, and which files are not models.
 *
 * @module
 */
import type { Kind } from './file-kind.ts';

/** Formats that a loader of files with this extension accepts. */
const ACCEPTED: ReadonlyMap<string, ReadonlySet<Kind>> = new Map(
  (
    [
      ['safetensors', 'safetensors'],
      ['gguf', 'gguf'],
      ['onnx', 'onnx'],
      ['tflite', 'tflite zip'],
      ['h5', 'hdf5'],
      ['hdf5', 'hdf5'],
      ['keras', 'zip hdf5'],
      ['ubj', 'ubjson'],
      ['npy', 'npy'],
      ['npz', 'zip'],
      ['pb', 'saved-model tf-graph onnx-tensor'],
      ['json', 'text'],
      ['jsonl', 'text'],
      ['jinja', 'text'],
      ['yaml', 'text'],
      ['yml', 'text'],
      ['txt', 'text'],
      ['md', 'text'],
      ['csv', 'text'],
      ['py', 'text'],
      ['xml', 'xml text'],
      ['pmml', 'xml'],
      ['zip', 'zip'],
      // The checkpoints of torch's tutorials are named so.
      ['tar', 'tar zip pickle'],
      ['nemo', 'tar gzip'],
      ['png', 'image'],
      ['jpg', 'image'],
      ['jpeg', 'image'],
      ['gif', 'image'],
      ['webp', 'image'],
      ['pdf', 'image'],
    ] as const
  ).map(([extension, kinds]) => [extension, new Set(kinds.split(' ') as Kind[])]),
);

const PICKLED =
  /^(?:pkl|pickle|p|pck|dill|joblib|pt|pth|bin|ckpt|th|sav|dat|data|model|mar|pyd|obj|z|lzma|gz|xz|bz2|zst|zstd|lz4)$/;
const PROSE =
  /^(?:md|rst|txt|csv|tsv|py|pyi|ipynb|sh|cfg|ini|toml|lock|log|html?|css|js|ts|gitattributes|gitignore|license|licence|notice|readme|bpe|merges|vocab|tiktoken|svg|sig|pem|crt|sha256)$/;
const NAMED_PROSE =
  /^(?:readme|licen[cs]e|notice|copying|authors|changelog|makefile|dockerfile|requirements|merges|vocab|\.git\w+)/;

export function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).toLowerCase();
}

export function extensionOf(name: string): string {
  const base = baseName(name);
  const at = base.lastIndexOf('.');
  return at < 0 ? '' : base.slice(at + 1);
}

/** Formats that the extension promises, or null when it promises none. */
export function acceptedKinds(name: string): ReadonlySet<Kind> | null {
  return ACCEPTED.get(extensionOf(name)) ?? null;
}

/** Whether loaders of files with this name unpickle whatever is in them. */
export function isPickleName(name: string): boolean {
  return PICKLED.test(extensionOf(name));
}

/** Whether the name is of documentation, code or a vocabulary. */
export function isProseName(name: string): boolean {
  const base = baseName(name);
  return PROSE.test(extensionOf(name)) || NAMED_PROSE.test(base) || !base.includes('.');
}

/** Raw data of a TensorFlow checkpoint or its index, which sit beside a SavedModel. */
export function isCheckpointData(name: string): boolean {
  return (
    /\.(?:data-\d{5}-of-\d{5}|index)$/.test(baseName(name)) || baseName(name) === 'fingerprint.pb'
  );
}
