/**
 * Facts from the headers of safetensors and GGUF files, read by the scanner's own strict readers.
 *
 * A header that the scanner refuses gives no facts: what a malformed file says about itself is not
 * to be repeated in a signed document.
 *
 * @module
 */
import type { ByteSource } from '../scan/byte-source.ts';
import { Inspection, Job } from '../scan/inspection.ts';
import { DEFAULT_LIMITS } from '../scan/report.ts';
import { readGguf } from '../scan/tensor/gguf.ts';
import type { GgufListener } from '../scan/tensor/gguf.ts';
import { readSafetensors } from '../scan/tensor/safetensors.ts';
import type { FactCollector, FactName } from './model-facts.ts';

export function safetensorsFacts(path: string, source: ByteSource, facts: FactCollector): void {
  const inspection = inspect(path, source);
  const tensors: { name: string; dtype: string; elements: bigint }[] = [];
  readSafetensors(inspection, (tensor) => tensors.push(tensor));
  if (refused(inspection, 'S-', path, facts)) return;
  for (const { name, dtype, elements } of tensors) {
    facts.tensor('safetensors', name, dtype, elements);
  }
}

/** `general.file_type` of llama.cpp: what the file as a whole is quantised to. */
const FILE_TYPES: ReadonlyMap<bigint, string> = new Map([
  [0n, 'F32'],
  [1n, 'F16'],
  [2n, 'Q4_0'],
  [3n, 'Q4_1'],
  [7n, 'Q8_0'],
  [8n, 'Q5_0'],
  [9n, 'Q5_1'],
  [10n, 'Q2_K'],
  [11n, 'Q3_K_S'],
  [12n, 'Q3_K_M'],
  [13n, 'Q3_K_L'],
  [14n, 'Q4_K_S'],
  [15n, 'Q4_K_M'],
  [16n, 'Q5_K_S'],
  [17n, 'Q5_K_M'],
  [18n, 'Q6_K'],
  [19n, 'IQ2_XXS'],
  [20n, 'IQ2_XS'],
  [21n, 'Q2_K_S'],
  [22n, 'IQ3_XS'],
  [23n, 'IQ3_XXS'],
  [24n, 'IQ1_S'],
  [25n, 'IQ4_NL'],
  [26n, 'IQ3_S'],
  [27n, 'IQ3_M'],
  [28n, 'IQ2_S'],
  [29n, 'IQ2_M'],
  [30n, 'IQ4_XS'],
  [31n, 'IQ1_M'],
  [32n, 'BF16'],
  [36n, 'TQ1_0'],
  [37n, 'TQ2_0'],
  [38n, 'MXFP4'],
]);

const GGUF_TEXTS: Readonly<Record<string, FactName>> = {
  'general.architecture': 'family',
  'general.license': 'licence',
};
const GGUF_LISTS: Readonly<Record<string, FactName>> = {
  'general.languages': 'language',
  'general.datasets': 'dataset',
};
const BASE_MODEL = /^general\.base_model\.\d{1,3}\.(name|repo_url)$/;

export function ggufFacts(path: string, source: ByteSource, facts: FactCollector): void {
  const inspection = inspect(path, source);
  const found: ((target: FactCollector) => void)[] = [];
  const bases = new Map<string, { name?: string; repo_url?: string }>();
  const listener: GgufListener = {
    wants: (key) => Object.hasOwn(GGUF_LISTS, key),
    texts: (key, values) => {
      const name = GGUF_LISTS[key];
      if (name !== undefined) found.push((f) => values.forEach((value) => f.add(name, value)));
    },
    value: (key, value) => {
      const name = Object.hasOwn(GGUF_TEXTS, key) ? GGUF_TEXTS[key] : undefined;
      if (name !== undefined && typeof value === 'string') found.push((f) => f.add(name, value));
      const part = BASE_MODEL.exec(key)?.[1];
      if (typeof value === 'string' && (part === 'name' || part === 'repo_url')) {
        const id = key.slice(0, -part.length);
        bases.set(id, { ...bases.get(id), [part]: value });
      }
      if (typeof value === 'bigint') found.push((f) => ggufNumber(key, value, f));
    },
    tensor: (name, type, elements) => found.push((f) => f.tensor('gguf', name, type, elements)),
  };
  readGguf(inspection, listener);
  if (refused(inspection, 'G-4', path, facts)) return;
  for (const tell of found) tell(facts);
  for (const base of bases.values()) facts.add('base-model', base.repo_url ?? base.name ?? '');
}

function ggufNumber(key: string, value: bigint, facts: FactCollector): void {
  if (key === 'general.file_type') {
    facts.add('quantisation', FILE_TYPES.get(value) ?? `file type ${value}`);
  }
  if (/^[a-z0-9_-]{1,64}\.context_length$/.test(key)) facts.add('context-length', String(value));
}

function inspect(path: string, source: ByteSource): Inspection {
  const folder = {
    siblings: new Map(),
    tensorData: new Set<string>(),
    tensorNames: new Map(),
    allowImports: new Set<string>(),
  };
  const job = new Job(path, DEFAULT_LIMITS, folder, () => undefined);
  return new Inspection(job, source, { member: null, name: path, depth: 0, within: null });
}

function refused({ job }: Inspection, prefix: string, path: string, facts: FactCollector): boolean {
  const finding = job.findings.find(({ rule }) => rule.startsWith(prefix));
  if (finding !== undefined) facts.unreadable(path, `${finding.rule}: ${finding.message}`);
  return finding !== undefined;
}
