/**
 * Rules about tensors, graphs, templates, configuration and files: title, severity, effect, taxa, help.
 *
 * @module
 */
import type { RuleRow } from './rule-row.ts';

export type FormatRuleId =
  | 'N-1'
  | 'S-1'
  | 'S-2'
  | 'S-3'
  | 'S-4'
  | 'S-5'
  | 'S-6'
  | 'S-7'
  | 'S-8'
  | 'G-1'
  | 'G-2'
  | 'G-3'
  | 'G-4'
  | 'K-1'
  | 'K-2'
  | 'K-3'
  | 'K-4'
  | 'K-5'
  | 'K-6'
  | 'T-1'
  | 'T-2'
  | 'T-3'
  | 'T-4'
  | 'O-1'
  | 'O-2'
  | 'O-3'
  | 'O-4'
  | 'A-1'
  | 'A-2'
  | 'A-3'
  | 'C-1'
  | 'C-2'
  | 'C-3'
  | 'C-4'
  | 'C-5'
  | 'J-1'
  | 'X-1'
  | 'L-1'
  | 'L-2'
  | 'M-1'
  | 'M-2'
  | 'M-3';

export const FORMAT_RULES: Readonly<Record<FormatRuleId, RuleRow>> = {
  'N-1': [
    'NumPy file is malformed',
    'medium',
    'incomplete',
    'CWE-20',
    'The header is not a literal of the three prescribed keys, or the data is shorter or longer than it says.',
  ],
  'S-1': [
    'safetensors length or size is wrong',
    'medium',
    'incomplete',
    'CWE-20',
    'The header length does not fit the file.',
  ],
  'S-2': [
    'safetensors header is not one JSON object',
    'medium',
    'incomplete',
    'CWE-20',
    'Readers differ about headers that are not strict UTF-8 JSON.',
  ],
  'S-3': [
    'safetensors header repeats a key',
    'medium',
    'incomplete',
    'CWE-436',
    'One reader keeps the first, another the last: two readers see two models.',
  ],
  'S-4': [
    'safetensors metadata is not text to text',
    'medium',
    'incomplete',
    'CWE-20',
    'The specification allows only strings in __metadata__.',
  ],
  'S-5': [
    'safetensors tensor description is invalid',
    'medium',
    'incomplete',
    'CWE-20',
    'Unknown dtype, bad shape or bad offsets, or fields that the format does not have.',
  ],
  'S-6': [
    'safetensors tensors do not tile the data',
    'medium',
    'incomplete',
    'CWE-20',
    'Offsets overlap, leave a hole or do not match shape and dtype.',
  ],
  'S-7': [
    'safetensors has bytes that no tensor owns',
    'medium',
    'incomplete',
    'CWE-506',
    'Bytes behind the last tensor can hold a second file.',
  ],
  'S-8': [
    'Sharded model names a file or tensor that is not there',
    'medium',
    'incomplete',
    'CWE-20',
    'Every file of weight_map must be in the folder and hold the tensor.',
  ],
  'G-1': [
    'Chat template reaches Python internals or files',
    'critical',
    'block',
    'CWE-1336 CVE-2024-34359 CVE-2026-5760 CVE-2024-56326',
    'The template is run by the serving engine on every request. Access to underscore attributes, attr(), format strings, include and import escape from it.',
  ],
  'G-2': [
    'Chat template may run for ever',
    'medium',
    'block',
    'CWE-400',
    'A constant loop, power or repetition in the template is large enough to stall the server.',
  ],
  'G-3': [
    'Chat template cannot be parsed',
    'medium',
    'incomplete',
    'CWE-693',
    'What is not understood is not judged.',
  ],
  'G-4': [
    'GGUF file is malformed',
    'medium',
    'incomplete',
    'CWE-20 CWE-190 CVE-2025-53630 CVE-2026-27940 CVE-2026-33298',
    'Old runtimes compute sizes from these fields without checking them.',
  ],
  'K-1': [
    'Keras configuration names code',
    'critical',
    'block',
    'CWE-502 CWE-94 CVE-2025-1550 CVE-2025-8747 CVE-2025-9905 CVE-2025-9906 CVE-2025-49655 CVE-2026-1462',
    'Lambda layers, function objects, wrappers of other frameworks and modules outside Keras run code or load files when the model is built.',
  ],
  'K-2': [
    'Keras configuration can be read in two ways',
    'high',
    'block',
    'CWE-436',
    'Duplicate keys or members: two readers see two models.',
  ],
  'K-3': [
    'Keras configuration names a custom object',
    'medium',
    'block',
    'CWE-829',
    'The model loads only with code that is not in Keras.',
  ],
  'K-4': [
    'Keras or HDF5 file is malformed',
    'medium',
    'incomplete',
    'CWE-20',
    'The configuration or the HDF5 structure could not be read completely.',
  ],
  'K-5': [
    'HDF5 file refers to another file',
    'critical',
    'block',
    'CWE-73 CVE-2026-1669 GHSA-3m4q-jmj6-r34q',
    'External links and external storage read any file of the loading machine into the model.',
  ],
  'K-6': [
    'Keras configuration reads a file or address',
    'high',
    'block',
    'CWE-73 CWE-918 CVE-2025-12058',
    'A vocabulary that is a path or URL is read when the model is built.',
  ],
  'T-1': [
    'TensorFlow graph reads, writes or runs something outside the graph',
    'critical',
    'block',
    'CWE-94 CWE-73',
    'The operation touches files, the network or Python when the graph runs.',
  ],
  'T-2': [
    'TensorFlow graph uses an operation that is not in TensorFlow',
    'medium',
    'block',
    'CWE-829',
    'It needs a native library that the loading program must load first.',
  ],
  'T-3': [
    'TensorFlow file is malformed',
    'medium',
    'incomplete',
    'CWE-20',
    'The protocol buffer could not be read completely.',
  ],
  'T-4': [
    'TFLite model uses a custom operation',
    'medium',
    'block',
    'CWE-829',
    'It needs native code that is not in the TFLite runtime.',
  ],
  'O-1': [
    'ONNX external data leaves the model folder',
    'critical',
    'block',
    'CWE-22 CVE-2022-25882 CVE-2024-27318 CVE-2026-27489 CVE-2026-34446 CVE-2026-34447',
    'The runtime opens the path while loading: it must name a regular file below the folder of the model.',
  ],
  'O-2': [
    'ONNX model needs a library of custom operations',
    'medium',
    'block',
    'CWE-829',
    'Operations outside the standard domains come from native code that the loading program must load.',
  ],
  'O-3': [
    'ONNX file is malformed',
    'medium',
    'incomplete',
    'CWE-20 CWE-674 GHSA-538c-55jv-c5g9',
    'The protocol buffer, a tensor, an external range or the functions are inconsistent.',
  ],
  'O-4': [
    'ONNX model runs Python code',
    'critical',
    'block',
    'CWE-94',
    'PyOp calls a Python function by name when the graph runs.',
  ],
  'A-1': [
    'Core ML model needs code or files of the application',
    'medium',
    'block',
    'CWE-829',
    'A custom layer or model is a class that the application must have, and a linked model is another file: neither is in the model.',
  ],
  'A-2': [
    'Core ML model is malformed',
    'medium',
    'incomplete',
    'CWE-20',
    'The protocol buffer could not be read completely, or is not one model.',
  ],
  'A-3': [
    'OpenVINO model needs a library of custom operations',
    'medium',
    'block',
    'CWE-829',
    'A layer of an operation set that is not of OpenVINO comes from native code that the loading program must load.',
  ],
  'C-1': [
    'Configuration names a class or function to call',
    'high',
    'block',
    'CWE-502 CVE-2025-23304',
    'Loaders of this configuration import and call the dotted path. Only known model classes are allowed.',
  ],
  'C-2': [
    'Configuration asks for remote code',
    'medium',
    'block',
    'CWE-829',
    'auto_map and trust_remote_code make the loader run Python files that come with the model.',
  ],
  'C-3': [
    'YAML builds Python objects',
    'critical',
    'block',
    'CWE-502',
    'A python tag makes an unsafe YAML loader import and call what the tag names.',
  ],
  'C-4': [
    'Configuration file is malformed',
    'medium',
    'incomplete',
    'CWE-436',
    'It is not strict JSON or YAML: readers may see different documents.',
  ],
  'C-5': [
    'Configuration reads outside of the model',
    'high',
    'block',
    'CWE-22 CWE-73',
    'A path of the configuration is absolute or climbs out of the folder: the loader reads a file that is not of the model.',
  ],
  'J-1': [
    'TorchScript code uses a file or native operator',
    'high',
    'block',
    'CWE-73 CWE-94',
    'TorchScript can read and write files when the model is loaded or run.',
  ],
  'X-1': [
    'XML declares a document type or entities',
    'high',
    'block',
    'CWE-611 CWE-776',
    'Entities read files and addresses, or expand without bound. Models need none.',
  ],
  'L-1': [
    'Link or special file',
    'high',
    'block',
    'CWE-59',
    'A symbolic link names bytes that are not in the folder. Ship the file itself.',
  ],
  'L-2': [
    'File cannot be read',
    'medium',
    'incomplete',
    'CWE-693',
    'Devices, sockets and unreadable files were not judged.',
  ],
  'M-1': [
    'Not a model file',
    'medium',
    'incomplete',
    'CWE-20',
    'Empty, a Git LFS pointer, a web page, or bytes of another kind under the name of a model.',
  ],
  'M-2': [
    'Native program code',
    'high',
    'block',
    'CWE-829',
    'An executable or shared library has no place in a model folder.',
  ],
  'M-3': [
    'Scan stopped early',
    'medium',
    'incomplete',
    'CWE-693',
    'A bound of the scan was reached or a reader failed; what was not read was not judged.',
  ],
};
