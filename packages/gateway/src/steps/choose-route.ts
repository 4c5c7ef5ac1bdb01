/**
 * Which model version answers: the tenant's route for the model that was asked for by name.
 *
 * The name is never rewritten, and a model of another tenant looks like one that does not exist.
 *
 * @module
 */
import { excerpt } from '@proofmark/core';

import { GatewayError } from '../errors.ts';
import type { CompiledRoute, CompiledTenant } from '../generation.ts';

/** @throws {GatewayError} GATEWAY_MODEL_NOT_FOUND */
export function chooseRoute(tenant: CompiledTenant, model: string): CompiledRoute {
  const route = tenant.byModel.get(model);
  if (route !== undefined) return route;
  throw new GatewayError(
    'GATEWAY_MODEL_NOT_FOUND',
    `cannot find the model "${excerpt(model)}": this key has no route to it; GET /v1/models lists what it has`,
    { details: { param: 'model' } },
  );
}
