/**
 * The route that is meant when none is named.
 *
 * @module
 */
import type { RouteDocument } from '../config/document.ts';
import { CliError } from '../errors.ts';
import type { Installation } from '../installation.ts';

/** @throws {CliError} CLI_CONFIG_INVALID */
export function firstRoute({ config }: Installation): RouteDocument {
  const [route] = config.document.routes;
  if (route !== undefined) return route;
  throw new CliError(
    'CLI_CONFIG_INVALID',
    `cannot serve: ${config.file} has no route; add one under "routes"`,
  );
}
