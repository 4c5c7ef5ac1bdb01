/**
 * The failures of this package.
 *
 * @module
 */
import { CodedError } from '@proofmark/core';

export type MonitorErrorCode =
  /** A rule or route has nobody who is called. */
  | 'MONITOR_OWNER_MISSING'
  /** A rule, window or receiver has a setting that cannot work. */
  | 'MONITOR_CONFIG_INVALID'
  /** No alert has this fingerprint, or it is not firing. */
  | 'MONITOR_ALERT_NOT_FIRING'
  /** The receiver did not take the alert. */
  | 'MONITOR_DELIVERY_FAILED'
  /** A webhook is not signed with the secret, is too old, or was altered. */
  | 'MONITOR_WEBHOOK_INVALID';

export class MonitorError extends CodedError<MonitorErrorCode> {}
