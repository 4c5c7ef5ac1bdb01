/**
 * `proofmark sign`: an OpenSSF Model Signing bundle for a folder.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { X509Certificate } from 'node:crypto';

import { hashFolder, signModel } from '@proofmark/artifact';

import { writeDurably } from '../durable-file.ts';
import { CliError } from '../errors.ts';
import { readSignerFile } from '../keyring.ts';
import type { Verb } from '../program.ts';
import { formatBytes } from '../terminal/output.ts';

interface SignOptions {
  readonly key: string;
  readonly certificates?: string;
  readonly out?: string;
  readonly name?: string;
  readonly force?: boolean;
  readonly huggingface?: boolean;
}

export const signVerb: Verb = (program, start) => {
  program
    .command('sign')
    .description('sign every file of a model folder (OpenSSF Model Signing v1.0)')
    .argument('<folder>', 'model folder')
    .requiredOption('--key <file>', 'ECDSA private key, PKCS#8 PEM')
    .option('--certificates <file>', 'PEM certificate chain of that key, leaf first')
    .option('--out <file>', 'bundle to write (default: FOLDER/model.sig)')
    .option('--name <name>', 'name in the statement (default: the name of the folder)')
    .option('--huggingface', 'resolve the links of a Hugging Face snapshot into its blobs')
    .option('--force', 'replace an existing bundle')
    .addHelpText('after', '\nExample:\n  proofmark sign ./model --key release.pem')
    .action(async function action(given: string) {
      const options = this.opts<SignOptions>();
      await start(this, async ({ output, cwd, signal }) => {
        const folder = path.resolve(cwd, given);
        const out = path.resolve(cwd, options.out ?? path.join(folder, 'model.sig'));
        const inside = path.dirname(out) === folder ? [path.basename(out)] : [];
        const signer = readSignerFile(path.resolve(cwd, options.key));
        const progress = output.progress('hashing');
        const manifest = await hashFolder(folder, {
          ignore: inside,
          signal,
          symlinks: options.huggingface === true ? 'huggingface' : 'refuse',
          onProgress: ({ bytesDone, bytesTotal }) => progress.update(bytesDone, bytesTotal),
        });
        progress.end();
        const bundle = await signModel({
          name: options.name ?? path.basename(folder),
          manifest,
          signer,
          ignored: inside,
          ...(options.certificates === undefined
            ? {}
            : { certificates: readChain(path.resolve(cwd, options.certificates)) }),
        });
        writeDurably(out, bundle, { mode: 0o644, replace: options.force === true });
        output.line(
          `signed     ${manifest.files.length} files, ${formatBytes(manifest.totalBytes)}`,
        );
        output.line(`manifest   ${manifest.manifestDigest}`);
        output.line(`oms root   ${manifest.omsRoot}`);
        output.line(`bundle     ${out}`);
        output.document({ ...manifest, bundle: out, keyId: signer.publicKey.keyId });
        return 0;
      });
    });
};

function readChain(file: string): Uint8Array[] {
  const blocks = readFileSync(file, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g,
  );
  if (blocks === null) {
    throw new CliError('CLI_INPUT_UNREADABLE', `cannot read ${file}: it holds no PEM certificate`);
  }
  return blocks.map((pem) => new X509Certificate(pem).raw);
}
