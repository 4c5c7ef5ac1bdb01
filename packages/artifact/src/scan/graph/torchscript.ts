/**
 * Code of a TorchScript archive: operators that reach files or native code (rule J-1).
 *
 * TorchScript is a closed language: it has no import and no attribute access to Python. What it
 * can reach is an operator of torch; those that touch files are looked for by name.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { readAll } from '../byte-source.ts';
import type { Inspection } from '../inspection.ts';

const MAX_CODE_BYTES = 32 * 1024 * 1024;
const OPERATORS: readonly (readonly [pattern: RegExp, effect: string])[] = [
  [/\btorch\.(?:from_file|save|load|_load_from_file)\s*\(/, 'reads or writes a file'],
  [/\bops\.(?:aten|prim)\.(?:from_file|save|load)\b/, 'reads or writes a file'],
  [/\b(?:aten|prim)::(?:from_file|save|load|PythonOp)\b/, 'reads or writes a file, or runs Python'],
  [/\bops\.image\.(?:read_file|write_file)\b/, 'reads or writes a file'],
  [/\b(?:ops\.)?image::(?:read_file|write_file)\b/, 'reads or writes a file'],
  [/\bops\.torchaudio\.\w*(?:load|save)\w*/, 'reads or writes a file'],
  [/\btorch\.(?:ops\.load_library|classes\.load_library)\b/, 'loads a native library'],
  [/^[ \t]*(?:from|import)[ \t]+(?!__torch__\b)\w+/m, 'imports a Python module'],
  [/(?<![.\w])(?:__import__|eval|exec|open)\s*\(/, 'calls a Python function'],
  [/\bprim\.(?:PythonOp|CallFunction__)\b|\^\w+\(/, 'calls a Python function'],
];

/** Whether a member of a TorchScript archive is code. */
export function isTorchScriptCode(within: string | null, name: string): boolean {
  return within === 'torchscript' && /(?:^|\/)code\/.*\.py$/.test(name);
}

export function readTorchScript(inspection: Inspection): void {
  inspection.format = 'torchscript-code';
  const text = Buffer.from(readAll(inspection.source, MAX_CODE_BYTES)).toString('utf8');
  inspection.spend(Math.ceil(text.length / 32));
  for (const [pattern, effect] of OPERATORS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const what = `running the model ${effect}: ${excerpt(match[0])}`;
    inspection.report('J-1', what, match.index);
  }
}
