/**
 * `proofmark pull`: a signed model from a registry or a layout folder, into a new folder.
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import { sha256Hex } from '@proofmark/core';
import { parseReference, pullModel } from '@proofmark/oci';

import type { CommandContext, ExitCode } from '../context.ts';
import { writeDurably } from '../durable-file.ts';
import { CliError } from '../errors.ts';
import { openStore } from '../oci-store.ts';
import type { Verb } from '../program.ts';
import { addTrustOptions, readTrust } from '../signature-trust.ts';
import type { TrustOptions } from '../signature-trust.ts';
import { formatBytes, printable } from '../terminal/output.ts';

interface PullOptions extends TrustOptions {
  readonly plainHttp?: boolean;
  readonly maxBytes: string;
  readonly attestations?: string;
}

export const pullVerb: Verb = (program, start) => {
  const command = program
    .command('pull')
    .description('fetch a signed model from a registry, verified before it is there')
    .argument('<reference>', 'oci:HOST/REPOSITORY:TAG[@sha256:HEX] or oci-layout:FOLDER:TAG')
    .argument('<folder>', 'new folder');
  addTrustOptions(command)
    .option('--max-bytes <number>', 'largest model that is accepted', '1099511627776')
    .option('--attestations <folder>', 'write attached attestations there; they are not verified')
    .option('--plain-http', 'no TLS, also to another machine')
    .addHelpText(
      'after',
      '\nExample:\n  proofmark pull oci:registry.example.org/models/assistant:1.0 ./model --key release.pub',
    )
    .action(async function action(reference: string, folder: string) {
      const options = this.opts<PullOptions>();
      await start(this, (context) => pull(reference, folder, options, context));
    });
};

async function pull(
  text: string,
  folder: string,
  options: PullOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, cwd, clock, signal } = context;
  const reference = parseReference(text);
  const wanted = reference.digest ?? reference.tag;
  if (wanted === null) throw new CliError('CLI_USAGE', 'cannot pull: name a tag or a digest');
  const maxBytes = Number(options.maxBytes);
  if (!Number.isSafeInteger(maxBytes) || maxBytes <= 0) {
    throw new CliError('CLI_USAGE', 'cannot pull: --max-bytes is a number of bytes');
  }
  const trust = readTrust(options, cwd, clock());
  const access = { access: 'pull', plainHttp: options.plainHttp === true } as const;
  const store = openStore(reference, access, context);
  const progress = output.progress('pulling');
  const { digest, verified, attestations } = await pullModel({
    store,
    reference: wanted,
    target: path.resolve(cwd, folder),
    trust,
    maxBytes,
    signal,
    onProgress: (done, total, file) => progress.update(done, total, printable(file)),
  }).finally(() => progress.end());
  const { manifest, signer } = verified;
  const saved =
    options.attestations === undefined
      ? []
      : saveAttestations(path.resolve(cwd, options.attestations), attestations);
  output.line(output.paint('green', 'pulled and verified'));
  output.line(`files      ${manifest.files.length}, ${formatBytes(manifest.totalBytes)}`);
  output.line(`oci        ${store.place}@${digest}`);
  output.line(`manifest   ${manifest.manifestDigest}`);
  output.line(`signer     ${printable(JSON.stringify(signer))}`);
  output.line(`attached   ${attestations.length} attestations, not verified`);
  const { manifestDigest, omsRoot, files } = manifest;
  output.document({ digest, manifestDigest, omsRoot, signer, files, attestations: saved });
  return 0;
}

/** Named by their digest; returns the files. */
function saveAttestations(folder: string, documents: readonly Uint8Array[]): string[] {
  mkdirSync(folder, { recursive: true });
  return documents.map((document) => {
    const file = path.join(folder, `${sha256Hex(document)}.intoto.json`);
    writeDurably(file, document, { mode: 0o644, replace: true });
    return file;
  });
}
