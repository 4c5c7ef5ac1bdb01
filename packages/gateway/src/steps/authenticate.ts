/**
 * Who asks: the tenant whose key the request carries.
 *
 * @module
 */
import { GatewayError } from '../errors.ts';
import type { CompiledTenant, Generation } from '../generation.ts';
import { bearerKey, hashTenantKey } from '../tenant-key.ts';

/** @throws {GatewayError} GATEWAY_UNAUTHENTICATED */
export function authenticate(
  authorization: string | undefined,
  generation: Generation,
  secret: Uint8Array,
): CompiledTenant {
  const key = bearerKey(authorization);
  const tenant =
    key === null ? undefined : generation.tenantByKeyHash.get(hashTenantKey(secret, key));
  if (tenant === undefined) {
    throw new GatewayError(
      'GATEWAY_UNAUTHENTICATED',
      'cannot tell who is asking: send "Authorization: Bearer KEY" with a key of this gateway',
    );
  }
  return tenant;
}
