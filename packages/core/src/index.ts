/**
 * What every package builds on: digests, canonical JSON, DSSE, in-toto statements, keys, coded
 * errors. No I/O and no dependency.
 *
 * @module
 */
export { canonicalJson } from './canonical-json.ts';
export type { Json, JsonObject } from './canonical-json.ts';
export { isoTime } from './clock.ts';
export type { Clock } from './clock.ts';
export { equalSecrets, isSha256Hex, sha256, sha256Hex } from './digest.ts';
export { parseEnvelope, preAuthEncoding, signEnvelope, verifyEnvelope } from './dsse.ts';
export type { Envelope, EnvelopeSignature, VerifiedPayload } from './dsse.ts';
export { CodedError, CoreError, excerpt } from './errors.ts';
export type { CodedErrorOptions, CoreErrorCode } from './errors.ts';
export {
  generatePrivateKeyPem,
  publicKey,
  publicKeyPem,
  readPublicKey,
  readSigner,
  signer,
  verifySignature,
} from './key.ts';
export type { KeyAlgorithm, PublicKey, Signer } from './key.ts';
export {
  IN_TOTO_PAYLOAD_TYPE,
  STATEMENT_TYPE,
  modelSubject,
  parseStatement,
  signStatement,
  subjectManifest,
} from './statement.ts';
export type { ModelIdentity, Statement, Subject } from './statement.ts';
export { parseStrictJson } from './strict-json.ts';
export type { StrictJsonLimits } from './strict-json.ts';
