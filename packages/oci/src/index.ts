/**
 * Signed models as OCI artifacts: references, registries, layout folders, push and pull.
 *
 * @module
 */
export type { JudgedAttestation } from './attestation.ts';
export type { AttestationWish } from './collect-attestations.ts';
export type { ContentStore, OpenBytes, StoredManifest } from './content-store.ts';
export { findCredentials } from './credentials.ts';
export type { Credentials } from './credentials.ts';
export type { Descriptor } from './descriptor.ts';
export { OciError } from './errors.ts';
export type { OciErrorCode } from './errors.ts';
export { layoutStore } from './layout-store.ts';
export { SIGNATURE_FILE, pullModel } from './pull-model.ts';
export type { PullRequest, Pulled } from './pull-model.ts';
export { pushModel } from './push-model.ts';
export type { PushRequest, Pushed } from './push-model.ts';
export { isOciReference, parseReference } from './reference.ts';
export type { OciReference } from './reference.ts';
export { registryStore } from './registry-store.ts';
export type { RegistryOptions } from './registry-store.ts';
