/**
 * The control plane's HTTP server on top of an open installation.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { sha256Hex } from '@proofmark/core';
import { createServer } from '@proofmark/server';

import { writeDurably } from '../durable-file.ts';
import type { Installation } from '../installation.ts';

/** Starts the control plane; its operator token lies in `control-token`, mode 0600. */
export async function startControlPlane(
  installation: Installation,
  port: string | undefined,
  onError: (error: unknown) => void,
): Promise<{ readonly url: string; readonly tokenFile: string; close(): Promise<void> }> {
  const { folder, config, registry, telemetry, clock } = installation;
  const tokenFile = path.join(folder.root, 'control-token');
  if (!existsSync(tokenFile)) {
    writeDurably(tokenFile, randomBytes(32).toString('base64url'), { mode: 0o600, replace: false });
  }
  const token = readFileSync(tokenFile, 'utf8').trim();
  const { control } = config.document;
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
      onError,
    },
  );
  const bound = await server.listen();
  return { url: `http://${bound.host}:${bound.port}`, tokenFile, close: () => server.close() };
}
