/**
 * Code of a TorchScript archive: operators that reach files or native code (rule J-1).
 *
 * TorchScript is a closed language: it has no import and no attribute access to Python. What it
 * can reach is an operator of torch; those that touch files are looked for by name, and a library of
 * operators that is not part of torch is native code that the loading program must load. Texts and
 * comments of the code run nothing; they are blanked before anything is looked for.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { readAll } from '../byte-source.ts';
import type { Inspection } from '../inspection.ts';

const MAX_CODE_BYTES = 32 * 1024 * 1024;
const OPERATORS: readonly (readonly [pattern: RegExp, effect: string])[] = [
  [/\btorch\s*\.\s*(?:from_file|save|load|_load_from_file)\s*\(/, 'reads or writes a file'],
  [/\bops\s*\.\s*(?:aten|prim)\s*\.\s*(?:from_file|save|load)\b/, 'reads or writes a file'],
  [/\b(?:aten|prim)::(?:from_file|save|load|PythonOp)\b/, 'reads or writes a file, or runs Python'],
  [/\bops\s*\.\s*image\s*\.\s*(?:read_file|write_file)\b/, 'reads or writes a file'],
  [/\b(?:ops\.)?image::(?:read_file|write_file)\b/, 'reads or writes a file'],
  [
    /\bops\s*\.\s*(?:torch\w+|image|video_reader)\s*\.\s*\w*(?:load|save|file|read|write)\w*/,
    'reads or writes a file',
  ],
  [/\btorch\s*\.\s*(?:ops|classes)\s*\.\s*load_library\b/, 'loads a native library'],
  [/^[ \t]*(?:from|import)[ \t]+(?!__torch__\b)\w+/m, 'imports a Python module'],
  [/(?<![.\w])(?:__import__|eval|exec|open)\s*\(/, 'calls a Python function'],
  [/\bprim\s*\.\s*(?:PythonOp|CallFunction__)\b|\^\w+\(/, 'calls a Python function'],
];

/** Libraries of operators that torch, torchvision, torchaudio and torchtext register themselves. */
const LIBRARIES = new Set(
  `aten prim prims quantized _quantized quantized_decomposed prepacked sparse mkldnn mkldnn_prepacked
  mkl onednn xnnpack profiler inductor static_runtime metal metal_prepack vulkan vulkan_prepack tensorexpr
  c10d c10d_functional _c10d_functional rngprims debugprims higher_order cuda cudnn nvprims
  _caffe2 torchvision image torchaudio torchtext`.split(/\s+/),
);
const LIBRARY = /\bops\s*\.\s*(\w+)\s*\.\s*\w+/g;
/** Comments, texts, and the marks that join lines: what is no code, or says nothing. */
const NO_CODE =
  /#[^\n]*|"""(?:\\[^]|[^])*?"""|'''(?:\\[^]|[^])*?'''|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'|\\\r?\n/g;

/** Whether torch or a library of its own registers the operators of this name. */
export function isOwnLibrary(name: string): boolean {
  return LIBRARIES.has(name);
}

/** Whether a member of a TorchScript archive is code. */
export function isTorchScriptCode(within: string | null, name: string): boolean {
  return within === 'torchscript' && /(?:^|\/)code\/.*\.py$/.test(name);
}

export function readTorchScript(inspection: Inspection): void {
  inspection.format = 'torchscript-code';
  const text = Buffer.from(readAll(inspection.source, MAX_CODE_BYTES)).toString('utf8');
  inspection.spend(Math.ceil(text.length / 32));
  // As long as before, so that an offset in it is one in the file.
  const code = text.replaceAll(NO_CODE, (part) => ' '.repeat(part.length));
  for (const [pattern, effect] of OPERATORS) {
    const match = pattern.exec(code);
    if (match === null) continue;
    const what = `running the model ${effect}: ${excerpt(match[0])}`;
    inspection.report('J-1', what, match.index);
  }
  for (const match of code.matchAll(LIBRARY)) {
    if (isOwnLibrary(match[1] ?? '')) continue;
    const what = `running the model needs a native library of operators: ${excerpt(match[0])}`;
    inspection.report('J-1', what, match.index);
  }
}
