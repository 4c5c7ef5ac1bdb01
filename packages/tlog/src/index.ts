/**
 * The transparency log: tiles, signed checkpoints, inclusion and consistency proofs, witnesses.
 *
 * @module
 */
export type { Appended } from './append-queue.ts';
export { logNoteKey, openCheckpoint } from './checkpoint.ts';
export type { Checkpoint } from './checkpoint.ts';
export { mlDsa44Signer } from './cosignature.ts';
export type { CosignatureSigner } from './cosignature.ts';
export { decodeEntry, encodeEntry } from './entry.ts';
export type { LogEntry } from './entry.ts';
export { TlogError } from './errors.ts';
export type { TlogErrorCode } from './errors.ts';
export type { LockStep, LogLock } from './lock.ts';
export { openLog, openStoredLog } from './log.ts';
export type { ConsistencyProof, Log, LogOptions, LogSettings, LogStatus } from './log.ts';
export { memoryLock } from './memory-lock.ts';
export { leafHash } from './merkle/hash.ts';
export { verifyConsistency, verifyInclusion } from './merkle/proof.ts';
export type { ConsistencyClaim, InclusionClaim } from './merkle/proof.ts';
export { monitorLog } from './monitor.ts';
export type { MonitorOptions, MonitorReport } from './monitor.ts';
export { formatVkey, noteKey, parseVkey } from './note-key.ts';
export type { NoteKey, SignatureType } from './note-key.ts';
export { parsePolicy, trustCheckpoint } from './policy.ts';
export type {
  Cosignature,
  PolicyLog,
  PolicyWitness,
  Quorum,
  TlogPolicy,
  TrustedCheckpoint,
} from './policy.ts';
export type { Cosigner } from './publisher.ts';
export { directoryReader, httpReader } from './reader.ts';
export type { HttpReaderOptions, LogReader } from './reader.ts';
export { directoryStorage } from './storage.ts';
export type { LogStorage, StoredFile } from './storage.ts';
export { parseTilePath, tilePath } from './tile.ts';
export type { TileId } from './tile.ts';
export { parseTlogProof, verifyTlogProof } from './tlog-proof.ts';
export type { LogTrust, ProvenEntry, TlogProof } from './tlog-proof.ts';
export { requestCosignature, witnessCosigner } from './witness-client.ts';
export type { Submission, WitnessRequestOptions } from './witness-client.ts';
export { witnessHandler } from './witness-http.ts';
export { folderWitnessStore, memoryWitnessStore } from './witness-store.ts';
export type { WitnessStep, WitnessStore } from './witness-store.ts';
export { createWitness } from './witness.ts';
export type { Witness, WitnessAnswer, WitnessOptions } from './witness.ts';
