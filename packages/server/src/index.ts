/**
 * The control plane: storage on SQLite, HTTP.
 *
 * @module
 */
export { createServer } from './control-plane.ts';
export type { ControlPlane, ControlPlaneConfig, ControlPlaneDeps } from './control-plane.ts';
export { ServerError } from './errors.ts';
export type { ServerErrorCode } from './errors.ts';
export type { EndpointDeps } from './http/endpoints.ts';
export { HTTP_STATUS } from './http/status.ts';
export type { HttpErrorCode } from './http/status.ts';
export type { Caller, TokenHash } from './http/caller.ts';
export type { SpanIngest } from './ingest/trace-endpoint.ts';
export { ID_TOKEN_ALGORITHMS } from './identity/provider.ts';
export type { ClaimRule, IdTokenAlgorithm, IdentityProvider } from './identity/provider.ts';
export { isSecure } from './identity/provider-http.ts';
export { countRefusedLogins } from './identity/refused-logins.ts';
export { createSessions } from './identity/sessions.ts';
export type { Sessions, SessionsOptions } from './identity/sessions.ts';
export { openCredentialStore } from './store/credential-store.ts';
export type { SqliteCredentialStore } from './store/credential-store.ts';
export { openDeliveryStore } from './store/delivery-store.ts';
export type { DeliveryRow, DeliveryStore } from './store/delivery-store.ts';
export { openLogLock } from './store/log-lock.ts';
export type { SqliteLogLock } from './store/log-lock.ts';
export { openRegistryStore } from './store/registry-store.ts';
export type { SqliteRegistryStore } from './store/registry-store.ts';
export { openShadowStore } from './store/shadow-store.ts';
export type { ShadowPairRow, ShadowRunRow, ShadowStore } from './store/shadow-store.ts';
export type {
  AlertRow,
  Coverage,
  LedgerRow,
  ReceiptRow,
  ScoreRow,
  ScoreSummary,
  SpanSource,
  StoredSpan,
  Window,
} from './store/telemetry-row.ts';
export { openTelemetryStore } from './store/telemetry-store.ts';
export type { TelemetryStore } from './store/telemetry-store.ts';
