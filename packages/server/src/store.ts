/**
 * Storage alone, without HTTP: what every verb on a data folder opens.
 *
 * An entry of its own, because loading the control plane costs such a verb a fifth of its start.
 *
 * @module
 */
export { ServerError } from './errors.ts';
export { openCredentialStore } from './store/credential-store.ts';
export { openDeliveryStore } from './store/delivery-store.ts';
export { openLogLock } from './store/log-lock.ts';
export { openRegistryStore } from './store/registry-store.ts';
export { openShadowStore } from './store/shadow-store.ts';
export { openTelemetryStore } from './store/telemetry-store.ts';
