/**
 * (a) One flipped byte in the weights: verify, admit and serve refuse, naming the file.
 *
 * @module
 */
import { chmodSync, closeSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';

import { verifyModel } from '@proofmark/artifact';

import { serveRoute } from '../serving/host.ts';
import { admitAlias } from '../ship/admission.ts';
import { keyTrust } from '../ship/publish.ts';
import { mustThrow, report } from './attack.ts';
import type { AttackReport } from './attack.ts';
import type { Laboratory } from './laboratory.ts';

const WEIGHTS = 'model.safetensors';

export async function flippedByte(laboratory: Laboratory): Promise<AttackReport> {
  const { installation, route, model, context } = laboratory;
  const { registry, clock } = installation;
  const alias = await registry.store.alias(route.environment, route.alias);
  const row = alias === null ? null : await registry.store.version(alias.name, alias.version);
  const bundle = row === null ? null : await registry.store.document(row.bundleDigest);
  if (bundle === null) throw new Error('nothing was promoted');
  const folder = laboratory.copyOfModel();
  flip(path.join(folder, WEIGHTS));
  const trust = keyTrust([installation.signer('model').publicKey], clock());
  const verified = await mustThrow(
    { tried: 'verify the folder', by: 'artifact', expected: 'ARTIFACT_CONTENT_MISMATCH' },
    () => verifyModel(folder, bundle, trust, { signal: context.signal }),
  );
  const sealed = await sealedWeights(laboratory, bundle);
  flip(sealed);
  try {
    const expected = 'ARTIFACT_CONTENT_MISMATCH';
    return report('a', 'one flipped byte in the weights', [
      verified,
      await mustThrow({ tried: 'admit the sealed bytes', by: 'runner', expected }, () =>
        admitAlias(installation, route.environment, route.alias),
      ),
      await mustThrow({ tried: 'serve the sealed bytes', by: 'runner', expected }, () =>
        serveRoute(installation, route, model.server),
      ),
    ]);
  } finally {
    flip(sealed); // the other attacks need the model whole
  }
}

async function sealedWeights({ installation, model }: Laboratory, bundle: string): Promise<string> {
  const trust = keyTrust([installation.signer('model').publicKey], installation.clock());
  const { manifest } = await verifyModel(model.folder, bundle, trust);
  const digest = manifest.files.find((file) => file.path === WEIGHTS)?.sha256 ?? '';
  return path.join(installation.folder.sealed, 'sha256', digest.slice(0, 2), digest);
}

/** Inverts one bit in the middle of a file and leaves its mode as it was found. */
function flip(file: string): void {
  chmodSync(file, 0o644);
  const fd = openSync(file, 'r+');
  try {
    const byte = Buffer.alloc(1);
    const at = 2_000_000;
    readSync(fd, byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 1;
    writeSync(fd, byte, 0, 1, at);
  } finally {
    closeSync(fd);
    chmodSync(file, 0o444);
  }
}
