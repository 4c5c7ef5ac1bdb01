/**
 * The control plane's HTTP server on top of an open installation.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { sha256Hex } from '@proofmark/core';
import { countRefusedLogins, createServer, createSessions } from '@proofmark/server';
import type { SpanIngest } from '@proofmark/server';
import { claimedModel, isLlmSpan } from '@proofmark/trace';

import { writeDurably } from '../durable-file.ts';
import type { Installation } from '../installation.ts';
import { gatewaySecret, tenantKeys, tenantLookup } from './tenant-keys.ts';
import type { Watch } from './watch.ts';

export interface ControlOptions {
  readonly port: string | undefined;
  /** Told about spans of applications. */
  readonly watch: Pick<Watch, 'span'>;
  readonly onError: (error: unknown) => void;
}

/** Starts the control plane; its operator token lies in `control-token`, mode 0600. */
export async function startControlPlane(
  installation: Installation,
  { port, watch, onError }: ControlOptions,
): Promise<{ readonly url: string; readonly tokenFile: string; close(): Promise<void> }> {
  const { folder, config, registry, credentials, telemetry, clock } = installation;
  const { people, providers, sessionMs } = config.identity;
  const tokenFile = path.join(folder.root, 'control-token');
  if (!existsSync(tokenFile)) {
    writeDurably(tokenFile, randomBytes(32).toString('base64url'), { mode: 0o600, replace: false });
  }
  const token = readFileSync(tokenFile, 'utf8').trim();
  const { control } = config.document;
  const refused = countRefusedLogins({
    record: (refusals) => registry.recordRefusals(refusals),
    clock,
    onError,
  });
  const server = createServer(
    {
      host: control.host,
      port: Number(port ?? control.port),
      tokens: [{ actor: 'operator', role: 'operator', sha256: sha256Hex(token) }],
    },
    {
      registry,
      telemetry,
      policies: config.policies,
      logDirectory: folder.log,
      clock,
      spans: spanIngest(installation, watch),
      credentials,
      people,
      sessions: createSessions({
        providers,
        people,
        credentials,
        lifeMs: sessionMs,
        clock,
        now: () => performance.now(),
      }),
      onError,
      onRefused: (error) => refused.note(error),
    },
  );
  const bound = await server.listen();
  const close = async (): Promise<void> => {
    await server.close();
    await refused.close();
  };
  return { url: `http://${bound.host}:${bound.port}`, tokenFile, close };
}

/** Spans of applications, sent with the key that they call the gateway with. */
function spanIngest(
  { config, folder, clock }: Installation,
  watch: Pick<Watch, 'span'>,
): SpanIngest {
  const secret = gatewaySecret(folder);
  const lookup = tenantLookup(tenantKeys(config.document, folder, secret), secret);
  const idOf = new Map<string, string>();
  return {
    tenantOf(authorization) {
      const tenant = lookup(authorization);
      if (tenant !== null) idOf.set(tenant.hash, tenant.id);
      return tenant?.hash ?? null;
    },
    onSpan(span, tenantHash) {
      if (!isLlmSpan(span) && claimedModel(span) === null) return;
      const tenantId = idOf.get(tenantHash) ?? '';
      watch.span({ tenantId, traceId: span.traceId, atMs: clock(), model: claimedModel(span) });
    },
  };
}
