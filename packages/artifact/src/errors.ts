/**
 * Errors of the artifact package (docs/errors/artifact.md); the scanner has its own.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

export type ArtifactErrorCode =
  /** The folder cannot be listed, or a file in it cannot be read. */
  | 'ARTIFACT_UNREADABLE'
  /** A link, a device, a socket or a pipe stands where a plain file was expected. */
  | 'ARTIFACT_FILE_KIND_REFUSED'
  /** A path is absolute, climbs out of the folder, or holds characters no path should. */
  | 'ARTIFACT_PATH_ESCAPES_ROOT'
  /** More files, deeper folders or longer paths than allowed. */
  | 'ARTIFACT_TOO_LARGE'
  /** A folder without files: there is nothing to sign. */
  | 'ARTIFACT_EMPTY'
  /** A manifest lists a file with a malformed digest or size. */
  | 'ARTIFACT_MANIFEST_INVALID'
  /** A file, or a folder on its way, changed while it was read. */
  | 'ARTIFACT_CHANGED'
  /** The work was cancelled. */
  | 'ARTIFACT_CANCELLED'
  /** The signature bundle has the wrong shape. */
  | 'ARTIFACT_BUNDLE_INVALID'
  /** The bundle is signed by a method this verifier does not check. */
  | 'ARTIFACT_METHOD_UNSUPPORTED'
  /** No trusted key or certificate verifies the signature. */
  | 'ARTIFACT_SIGNATURE_UNTRUSTED'
  /** A certificate is not valid now, not for signing, or chains to no trusted root. */
  | 'ARTIFACT_CERTIFICATE_INVALID'
  /** A Sigstore trusted root is malformed. */
  | 'ARTIFACT_TRUSTED_ROOT_INVALID'
  /** No certificate transparency log that is trusted vouches for a keyless certificate. */
  | 'ARTIFACT_SCT_INVALID'
  /** A transparency log entry is not proven to be in a trusted log. */
  | 'ARTIFACT_LOG_ENTRY_INVALID'
  /** A transparency log entry is about another signature. */
  | 'ARTIFACT_LOG_ENTRY_MISMATCH'
  /** A time stamp does not verify, or is about other bytes. */
  | 'ARTIFACT_TIMESTAMP_INVALID'
  /** Nothing proves when a keyless signature was made. */
  | 'ARTIFACT_TIMESTAMP_MISSING'
  /** A keyless signature is good, and by somebody who is not trusted to sign. */
  | 'ARTIFACT_IDENTITY_MISMATCH'
  /** A service that keyless signing needs refused, or did not answer. */
  | 'ARTIFACT_SERVICE_FAILED'
  /** The signed statement contradicts itself. */
  | 'ARTIFACT_STATEMENT_INVALID'
  /** The folder is not what was signed: details name the first difference. */
  | 'ARTIFACT_CONTENT_MISMATCH'
  /** A sealed file is missing, or is not what its name says. */
  | 'ARTIFACT_SEALED_MISMATCH'
  /** The sealed store cannot be written. */
  | 'ARTIFACT_UNWRITABLE'
  /** A lock file cannot be read. */
  | 'ARTIFACT_LOCK_FILE_INVALID'
  /** An advisory snapshot cannot be read. */
  | 'ARTIFACT_ADVISORIES_INVALID'
  /** A scanner's report is of no known format, did not finish, or contradicts itself. */
  | 'ARTIFACT_REPORT_INVALID'
  /** No trusted key signed the report or VEX document. */
  | 'ARTIFACT_REPORT_UNTRUSTED'
  /** The report or VEX document is about something else. */
  | 'ARTIFACT_REPORT_SUBJECT'
  /** A VEX document is unsigned, or a statement in it cannot be used. */
  | 'ARTIFACT_VEX_INVALID';

export class ArtifactError extends CodedError<ArtifactErrorCode> {}
