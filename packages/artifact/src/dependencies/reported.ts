/**
 * What a scanner's report says, whichever scanner wrote it.
 *
 * @module
 */

export interface ReportedVulnerability {
  /** Identifier and aliases, as far as this entry names them; the first is the scanner's own. */
  readonly ids: readonly string[];
  /** Package URL where the report has one, else `name@version`. */
  readonly component: string;
  /** CVSS base score; null when the report gives no severity that can be read. */
  readonly cvss: number | null;
  readonly fixed: readonly string[];
  readonly summary: string;
}

export interface ScannerReport {
  readonly format: string;
  readonly scanner: { readonly uri: string; readonly version: string | null };
  readonly database: {
    readonly uri: string | null;
    readonly version: string | null;
    readonly lastUpdateMs: number | null;
  };
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** SHA-256 digests of what was scanned, where the report names any. */
  readonly subjects: readonly string[];
  /** Packages looked at; null when the report lists only those with findings. */
  readonly packages: number | null;
  /** Also those that the scanner was told to ignore: only a signed VEX document silences. */
  readonly vulnerabilities: readonly ReportedVulnerability[];
}

/** A report that says nothing but its format and scanner. */
export function emptyReport(format: string, uri: string, version: string | null): ScannerReport {
  return {
    format,
    scanner: { uri, version },
    database: { uri: null, version: null, lastUpdateMs: null },
    startedAtMs: null,
    finishedAtMs: null,
    subjects: [],
    packages: null,
    vulnerabilities: [],
  };
}

/** `sha256:HEX` anywhere in a text, as hex: the digest of an image reference or an id. */
export function sha256In(text: string): readonly string[] {
  const match = /(?:^|@)sha256:([0-9a-f]{64})$/.exec(text);
  return match?.[1] === undefined ? [] : [match[1]];
}
