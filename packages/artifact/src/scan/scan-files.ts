/**
 * Scans files for what loading them would do. Pure: bytes in, report out.
 *
 * Every file is listed, whatever it is. Default deny, fail closed: a file is clean only if every
 * byte that a loader acts on was understood and found harmless. No clock, no I/O, no randomness;
 * `now` is the caller's clock and only measures.
 *
 * @module
 */
import type { ByteSource } from './byte-source.ts';
import { dispatch } from './dispatch.ts';
import type { Folder, Sibling } from './inspection.ts';
import { Inspection, Job } from './inspection.ts';
import type { FileReport, ScanLimits, ScanReport } from './report.ts';
import { DEFAULT_LIMITS, summarize } from './report.ts';
import { RULESET_VERSION, rulesetDigest } from './ruleset.ts';

/** One entry of the folder. The path is relative, with '/'. */
export interface ScanFile {
  readonly path: string;
  readonly kind: 'file' | 'symlink' | 'special';
  /** The bytes; null when they cannot be read. */
  readonly source: ByteSource | null;
  /** Hard links; 1 when not known. */
  readonly links?: number;
  /** Size and hard links without opening it, where the caller knows a cheaper way than the source. */
  look?(): { readonly sizeBytes: number; readonly links: number };
  /** After the bytes were read: why they are not one state of the file, or null. */
  torn?(): string | null;
}

export interface ScanOptions {
  readonly limits?: Partial<ScanLimits>;
  /** Extra imports that the policy allows: exact `module:name`. Part of the ruleset digest. */
  readonly allowImports?: readonly string[];
  /** Milliseconds, for the times in the report. */
  readonly now?: () => number;
}

/** Formats that are neither a model nor its configuration. */
const NOT_MODELS = new Set(['text', 'python', 'image', 'html', 'empty', 'link', 'special']);

/** Scans all files of a folder. */
export function scanFiles(files: readonly ScanFile[], options: ScanOptions = {}): ScanReport {
  return toReport([...scanEach(files, options)], options);
}

/** The reports of single files as they are made; the caller may stop in between. */
export function* scanEach(
  files: readonly ScanFile[],
  options: ScanOptions = {},
): Generator<FileReport> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const folder: Folder = {
    siblings: new Siblings(files),
    tensorData: new Set(),
    tensorNames: new Map(),
    allowImports: new Set(options.allowImports ?? []),
  };
  const now = options.now ?? ((): number => 0);
  for (const file of inOrder(files)) {
    const started = now();
    const { job, format } = scanOne(file, limits, folder);
    const { verdict, findings } = job;
    const ms = Math.round((now() - started) * 1000) / 1000;
    yield { path: file.path, format, verdict, findings, ms };
  }
}

/** Sorts reports by path and adds the summary. */
export function toReport(files: readonly FileReport[], options: ScanOptions = {}): ScanReport {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return {
    files: sorted,
    summary: summarize(sorted, (format) => !NOT_MODELS.has(format)),
    ruleset: { version: RULESET_VERSION, digest: rulesetDigest(options.allowImports ?? []) },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
}

function scanOne(
  file: ScanFile,
  limits: ScanLimits,
  folder: Folder,
): { readonly job: Job; readonly format: string } {
  const job = new Job(file.path, limits, folder, dispatch);
  let format: string;
  if (file.kind === 'symlink') {
    format = 'link';
    job.report(
      'L-1',
      'this is a symbolic link: a loader would read whatever it points to',
      null,
      null,
    );
  } else if (file.kind === 'special' || file.source === null) {
    format = 'special';
    job.report(
      'L-2',
      'this entry cannot be read: it is a device, pipe or socket, or access is denied',
      null,
      null,
    );
  } else {
    const place = { member: null, name: file.path, depth: 0, within: null };
    const inspection = new Inspection(job, file.source, place);
    dispatch(inspection);
    const torn = file.torn?.() ?? null;
    if (torn !== null) inspection.report('M-3', torn);
    format = inspection.format;
  }
  return { job, format };
}

/** ONNX, Core ML, OpenVINO, TensorFlow.js and Zarr name the files of their weights. */
const NAMES_OTHERS = /\.(?:onnx|mlmodel|xml)$|(?:^|\/)(?:model\.json|\.zarray|zarr\.json)$/;

/** Files that name others come first: models with external data, then shards, then indexes. */
function inOrder(files: readonly ScanFile[]): readonly ScanFile[] {
  const models: ScanFile[] = [];
  const others: ScanFile[] = [];
  const indexes: ScanFile[] = [];
  for (const file of files) {
    if (NAMES_OTHERS.test(file.path)) models.push(file);
    else if (file.path.endsWith('.index.json')) indexes.push(file);
    else others.push(file);
  }
  return [...models, ...others, ...indexes];
}

/** The files of the folder by path; most scans ask for none. */
class Siblings {
  readonly #files: readonly ScanFile[];
  #byPath: ReadonlyMap<string, ScanFile> | null = null;

  constructor(files: readonly ScanFile[]) {
    this.#files = files;
  }

  get(path: string): Sibling | undefined {
    this.#byPath ??= new Map(this.#files.map((file) => [file.path, file]));
    const file = this.#byPath.get(path);
    if (file === undefined) return undefined;
    const { sizeBytes, links } = file.look?.() ?? {
      sizeBytes: file.source?.sizeBytes ?? 0,
      links: file.links ?? 1,
    };
    return { kind: file.kind, sizeBytes, links };
  }
}
