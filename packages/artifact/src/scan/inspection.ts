/**
 * One file, or one member of it, under inspection: where it stands, what may still be spent on it,
 * and where findings go.
 *
 * A `Job` is one top-level file; its budgets hold for all its members together, so nesting cannot
 * multiply them. Findings are kept up to a number and deduplicated; a verdict never depends on how
 * many were kept.
 *
 * @module
 */
import type { ByteSource } from './byte-source.ts';
import { fault } from './errors.ts';
import type { FileVerdict, Finding, ScanLimits } from './report.ts';
import { rule } from './rules.ts';
import type { RuleId } from './rules.ts';

/** What the folder holds beside the file: paths relative to the folder. */
export interface Sibling {
  readonly kind: 'file' | 'symlink' | 'special';
  readonly sizeBytes: number;
  /** Hard links to the file, where the caller knows. */
  readonly links: number;
}

/** What one scan knows across its files. */
export interface Folder {
  readonly siblings: Pick<ReadonlyMap<string, Sibling>, 'get'>;
  /** Files that another file names as its raw tensor data; a folder of such ends in `/`. */
  readonly tensorData: Set<string>;
  /** Tensor names of each safetensors file read so far, for the check of sharded indexes. */
  readonly tensorNames: Map<string, ReadonlySet<string>>;
  /** Extra exact imports that the policy allows, as `module:name`. */
  readonly allowImports: ReadonlySet<string>;
}

export type Scan = (inspection: Inspection) => void;

export class Job {
  readonly path: string;
  readonly limits: ScanLimits;
  readonly folder: Folder;
  readonly scan: Scan;
  readonly #findings: Finding[] = [];
  /** What was reported; made with the first finding. */
  #seen: Set<string> | null = null;
  #steps = 0;
  #inflatedBytes = 0;
  #hidden = 0;
  #blocked = false;
  #unjudged = false;

  constructor(path: string, limits: ScanLimits, folder: Folder, scan: Scan) {
    this.path = path;
    this.limits = limits;
    this.folder = folder;
    this.scan = scan;
  }

  get findings(): readonly Finding[] {
    return this.#findings;
  }

  get verdict(): FileVerdict {
    if (this.#blocked) return 'findings';
    return this.#unjudged ? 'incomplete' : 'clean';
  }

  /** Records a finding. One rule says the same about one member once. */
  report(id: RuleId, message: string, member: string | null, offset: number | null): void {
    const { severity, effect } = rule(id);
    if (effect === 'block') this.#blocked = true;
    else this.#unjudged = true;
    const key = `${id}\0${member ?? ''}\0${message}`;
    this.#seen ??= new Set();
    if (this.#seen.has(key) || this.#findings.length >= this.limits.maxFindings) return;
    this.#seen.add(key);
    this.#findings.push({ rule: id, severity, message: oneLine(message), member, offset });
  }

  /** Spends steps. @throws {ScanError} SCAN_LIMIT */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.limits.maxSteps) {
      throw fault('SCAN_LIMIT', `more than ${this.limits.maxSteps} steps are needed to read it`);
    }
  }

  /** Bytes that may still be inflated for one member. */
  get inflatableBytes(): number {
    return Math.min(
      this.limits.maxMemberBytes,
      Math.max(0, this.limits.maxInflatedBytes - this.#inflatedBytes),
    );
  }

  inflated(bytes: number): void {
    this.#inflatedBytes += bytes;
  }

  /** Counts a member outside of a directory: how many of them all archives of the file hold. */
  hidden(): number {
    this.#hidden += 1;
    return this.#hidden;
  }
}

export interface Place {
  readonly member: string | null;
  /** The name whose extension counts: the member's, or the file's. */
  readonly name: string;
  /** Archives around this content. */
  readonly depth: number;
  /** The format of the archive around, such as `torch-zip`; null for the file itself. */
  readonly within: string | null;
}

export class Inspection {
  readonly job: Job;
  readonly source: ByteSource;
  readonly place: Place;
  /** Set by the reader that recognised the content. */
  format = 'unknown';

  constructor(job: Job, source: ByteSource, place: Place) {
    this.job = job;
    this.source = source;
    this.place = place;
  }

  report(id: RuleId, message: string, offset: number | null = null): void {
    this.job.report(id, message, this.place.member, offset);
  }

  spend(steps: number): void {
    this.job.spend(steps);
  }

  /** The same place with other bytes or another name: a decompressed stream, a stored variant. */
  variant(source: ByteSource, name: string = this.place.name): Inspection {
    return new Inspection(this.job, source, { ...this.place, name });
  }

  /** Inspects a member. @throws {ScanError} SCAN_LIMIT when archives nest too deep */
  member(name: string, source: ByteSource): Inspection {
    const depth = this.place.depth + 1;
    if (depth > this.job.limits.maxDepth) {
      throw fault('SCAN_LIMIT', `archives nest deeper than ${this.job.limits.maxDepth}`);
    }
    const member = this.place.member === null ? name : `${this.place.member}!/${name}`;
    const inner = new Inspection(this.job, source, {
      member,
      name,
      depth,
      within: this.format,
    });
    this.job.scan(inner);
    return inner;
  }
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, 500);
}
