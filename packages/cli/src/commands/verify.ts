/**
 * `proofmark verify`: is this folder exactly what a trusted key signed?
 *
 * @module
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { compareFolder, hashFolder, verifyBundle, verifyManifest } from '@proofmark/artifact';
import type { SignatureTrust } from '@proofmark/artifact';
import { excerpt } from '@proofmark/core';

import { CliError } from '../errors.ts';
import { readPublicKeyFile } from '../keyring.ts';
import type { Verb } from '../program.ts';
import { formatBytes, printable } from '../terminal/output.ts';

interface VerifyOptions {
  readonly key: readonly string[];
  readonly root: readonly string[];
  readonly subject: readonly string[];
  readonly signature?: string;
  readonly legacy?: boolean;
  readonly ignore: readonly string[];
}

const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

export const verifyVerb: Verb = (program, start) => {
  program
    .command('verify')
    .description('check who signed a model folder, and every byte of it')
    .argument('<folder>', 'model folder')
    .option('--key <file>', 'trusted public key, PEM; may be given several times', collect, [])
    .option('--root <file>', 'trusted certificate authority, PEM; several times', collect, [])
    .option('--subject <name>', 'certificate subject that may sign; several times', collect, [])
    .option('--signature <file>', 'bundle (default: FOLDER/model.sig)')
    .option(
      '--ignore <name>',
      'top-level name left out of the signature; several times',
      collect,
      [],
    )
    .option('--legacy', 'accept bundles of the reference implementation 0.2.0')
    .addHelpText('after', '\nExample:\n  proofmark verify ./model --key release.pub')
    .action(async function action(given: string) {
      const options = this.opts<VerifyOptions>();
      await start(this, async ({ output, cwd, clock, signal }) => {
        const folder = path.resolve(cwd, given);
        const file = path.resolve(cwd, options.signature ?? path.join(folder, 'model.sig'));
        const bundle = readText(file);
        const trust = readTrust(options, cwd, clock());
        const signature = verifyBundle(bundle, trust);
        const progress = output.progress('hashing');
        const inside = path.dirname(file) === folder ? [path.basename(file)] : [];
        const manifest = await hashFolder(folder, {
          ignore: [...signature.statement.ignored, ...inside, ...options.ignore],
          signal,
          onProgress: ({ bytesDone, bytesTotal }) => progress.update(bytesDone, bytesTotal),
        });
        progress.end();
        const { entries } = compareFolder(signature.statement, manifest);
        if (entries.length > 0) {
          output.line(output.paint('red', `REFUSED: ${entries.length} differences`));
          for (const { path: name, what } of entries.slice(0, 50)) {
            output.line(`  ${printable(name)} ${printable(what)}`);
          }
          if (entries.length > 50) output.line(`  and ${entries.length - 50} more`);
          output.document({ verified: false, signer: signature.signer, differences: entries });
          return 1;
        }
        const verified = verifyManifest(manifest, bundle, trust);
        output.line(output.paint('green', 'verified'));
        output.line(`files      ${manifest.files.length}, ${formatBytes(manifest.totalBytes)}`);
        output.line(`manifest   ${manifest.manifestDigest}`);
        output.line(`oms root   ${manifest.omsRoot}`);
        output.line(`signer     ${JSON.stringify(verified.signer)}`);
        output.document({
          verified: true,
          signer: verified.signer,
          manifestDigest: manifest.manifestDigest,
          omsRoot: manifest.omsRoot,
          files: manifest.files,
        });
        return 0;
      });
    });
};

function readTrust(options: VerifyOptions, cwd: string, nowMs: number): SignatureTrust {
  if (options.key.length + options.root.length === 0) {
    throw new CliError(
      'CLI_USAGE',
      'cannot verify without somebody to trust: name a public key with --key or an authority with --root',
    );
  }
  return {
    keys: options.key.map((file) => readPublicKeyFile(path.resolve(cwd, file))),
    nowMs,
    legacyPae: options.legacy === true,
    ...(options.root.length === 0
      ? {}
      : {
          certificates: {
            roots: options.root.map((f) => new X509Certificate(readText(path.resolve(cwd, f)))),
            ...(options.subject.length === 0 ? {} : { subjects: options.subject }),
          },
        }),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError(
      'CLI_INPUT_UNREADABLE',
      `cannot read ${file}: ${cause instanceof Error ? excerpt(cause.message) : 'unreadable'}`,
      { cause },
    );
  }
}
