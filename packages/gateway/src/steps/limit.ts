/**
 * How often a tenant may ask.
 *
 * @module
 */
import { GatewayError } from '../errors.ts';
import type { CompiledTenant } from '../generation.ts';
import type { TokenBuckets } from '../token-bucket.ts';

/** @throws {GatewayError} GATEWAY_RATE_LIMITED with `details.retryAfterMs` */
export function limitRate(tenant: CompiledTenant, buckets: TokenBuckets, nowMs: number): void {
  const retryAfterMs = buckets.take(tenant.id, tenant.rpm, nowMs);
  if (retryAfterMs === 0) return;
  throw new GatewayError(
    'GATEWAY_RATE_LIMITED',
    `cannot take more than ${tenant.rpm} requests a minute from this key: wait as long as Retry-After says`,
    { details: { retryAfterMs } },
  );
}
