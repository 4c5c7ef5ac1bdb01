/**
 * The one error class of the project: an expected failure with a stable code.
 *
 * Each package derives one subclass with its own union of codes (`PACKAGE_WHAT`); every code is
 * listed in `docs/errors/`, and a test compares both ways.
 *
 * @module
 */

export interface CodedErrorOptions {
  /** The lower-level failure, kept so that logs show the whole chain. */
  readonly cause?: unknown;
  /** What a person or a log needs to find the subject. Never secrets, never artifact bytes. */
  readonly details?: Readonly<Record<string, string | number>>;
}

/** An expected failure. Branch on `code`, never on the message. */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: Code, message: string, options: CodedErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.details = options.details ?? {};
  }
}

export type CoreErrorCode =
  /** The text is not one JSON value, repeats a key, or is deeper or larger than allowed. */
  | 'CORE_JSON_INVALID'
  /** A value has no canonical JSON form: non-finite number, lone surrogate, unsupported type. */
  | 'CORE_JSON_NOT_CANONICAL'
  /** A DSSE envelope has the wrong shape. */
  | 'CORE_ENVELOPE_INVALID'
  /** No signature of the envelope verifies with a trusted key. */
  | 'CORE_SIGNATURE_INVALID'
  /** The payload is not an in-toto Statement v1. */
  | 'CORE_STATEMENT_INVALID'
  /** The key is not of a supported kind, or cannot be read. */
  | 'CORE_KEY_INVALID';

export class CoreError extends CodedError<CoreErrorCode> {}

/** Bounds a value for a message: control characters escaped, at most 80 characters. */
export function excerpt(value: string): string {
  const printable = JSON.stringify(value.slice(0, 200)).slice(1, -1);
  return printable.length <= 80 ? printable : `${printable.slice(0, 77)}...`;
}
