/**
 * `proofmark receipt`: which model version gave this answer, and can a stranger check it?
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Command } from 'commander';

import { excerpt, isoTime, parseEnvelope, publicKeyPem, readPublicKey } from '@proofmark/core';
import { parseReceipt, verifyReceipt } from '@proofmark/gateway/receipt';
import type { VerifiedReceipt } from '@proofmark/gateway/receipt';

import { writeDurably } from '../durable-file.ts';
import { CliError } from '../errors.ts';
import type { Installation } from '../installation.ts';
import type { Verb } from '../program.ts';
import { readReceiptFile, writeReceiptFile } from '../receipt-file.ts';
import { recordAt } from '../records.ts';
import { fromReceiptRow } from '../serving/telemetry.ts';
import { fromInstallation, withInstallation } from '../session.ts';
import { printable, table } from '../terminal/output.ts';
import type { Output } from '../terminal/output.ts';

type Start = Parameters<Verb>[1];

export const receiptVerb: Verb = (program, start) => {
  const receipt = program.command('receipt').description('receipts of answers');
  addList(receipt, start);
  addExport(receipt, start);
  addVerify(receipt, start);
};

function addList(receipt: Command, start: Start): void {
  receipt
    .command('list')
    .description('newest receipts, or every answer of one model version')
    .option('--manifest <digest>', 'only answers of this manifest digest')
    .option('--limit <n>', 'how many', '20')
    .action(async function action() {
      const { manifest, limit } = this.opts<{ manifest?: string; limit: string }>();
      await start(this, (context) =>
        withInstallation(context, async ({ telemetry }) => {
          const rows =
            manifest === undefined
              ? await telemetry.latestReceipts(Number(limit))
              : await Array.fromAsync(telemetry.receiptsAbout(manifest));
          const lines = rows.map((row) => [
            row.responseId,
            isoTime(row.issuedAtMs),
            row.route,
            `${row.modelName}@${row.modelVersion}`,
            row.manifestDigest.slice(0, 12),
          ]);
          for (const line of table([
            ['RECEIPT', 'ISSUED', 'ROUTE', 'MODEL', 'MANIFEST'],
            ...lines,
          ])) {
            context.output.line(line);
          }
          context.output.document(rows);
          return rows.length === 0 ? 3 : 0;
        }),
      );
    });
}

function addExport(receipt: Command, start: Start): void {
  receipt
    .command('export')
    .description('write a receipt with everything a stranger needs to verify it offline')
    .argument('<id>', 'receipt id, from the header x-proofmark-receipt')
    .option('--out <file>', 'file to write (default: ID.receipt.json)')
    .action(async function action(id: string) {
      const { out } = this.opts<{ out?: string }>();
      await start(this, (context) =>
        withInstallation(context, async (installation) => {
          const file = path.resolve(context.cwd, out ?? `${id}.receipt.json`);
          writeDurably(file, await exportReceipt(installation, id), {
            mode: 0o644,
            replace: false,
          });
          context.output.line(file);
          context.output.document({ file });
          return 0;
        }),
      );
    });
}

function addVerify(receipt: Command, start: Start): void {
  receipt
    .command('verify')
    .description('verify a receipt: from this data folder by id, or offline from an exported file')
    .argument('<receipt>', 'receipt id, or exported file')
    .option('--response <file>', 'the exact response body; its digest must match')
    .option('--request <file>', 'the exact request body; its digest must match')
    .option('--receipt-key <file>', 'trusted receipt key (default: the one of this data folder)')
    .option('--log-key <file>', 'trusted log key (default: the one of this data folder)')
    .option('--control-key <file>', 'trusted control-plane key (default: of this data folder)')
    .addHelpText('after', '\nExample:\n  proofmark receipt verify rcpt_... --response answer.json')
    .action(async function action(given: string) {
      const options = this.opts<VerifyOptions>();
      await start(this, async (context) => {
        const work = async (text: string, keys: TrustedKeys): Promise<0> => {
          const verified = verify(text, keys, {
            options,
            cwd: context.cwd,
            nowMs: context.clock(),
          });
          show(verified, context.output);
          return 0;
        };
        if (given.startsWith('rcpt_')) {
          return withInstallation(context, async (installation) =>
            work(await exportReceipt(installation, given), {
              ...ownKeys(installation),
              ...namedKeys(options, context.cwd),
            }),
          );
        }
        const named = namedKeys(options, context.cwd);
        const keys =
          named.receipt === undefined || named.log === undefined || named.control === undefined
            ? await fromInstallation(context, async (i) => ({ ...ownKeys(i), ...named }))
            : { receipt: named.receipt, log: named.log, control: named.control };
        return work(readFileSync(path.resolve(context.cwd, given), 'utf8'), keys);
      });
    });
}

interface VerifyOptions {
  readonly response?: string;
  readonly request?: string;
  readonly receiptKey?: string;
  readonly logKey?: string;
  readonly controlKey?: string;
}

/** PEM public keys. */
interface TrustedKeys {
  readonly receipt: string;
  readonly log: string;
  readonly control: string;
}

function ownKeys(installation: Installation): TrustedKeys {
  const pem = (role: 'receipt' | 'log' | 'control'): string =>
    publicKeyPem(installation.signer(role).publicKey);
  return { receipt: pem('receipt'), log: pem('log'), control: pem('control') };
}

function namedKeys(options: VerifyOptions, cwd: string): Partial<TrustedKeys> {
  const read = (file: string): string => readFileSync(path.resolve(cwd, file), 'utf8');
  return {
    ...(options.receiptKey === undefined ? {} : { receipt: read(options.receiptKey) }),
    ...(options.logKey === undefined ? {} : { log: read(options.logKey) }),
    ...(options.controlKey === undefined ? {} : { control: read(options.controlKey) }),
  };
}

async function exportReceipt(installation: Installation, id: string): Promise<string> {
  const row = await installation.telemetry.receipt(id);
  if (row === null || row.logIndex === null) {
    throw new CliError(
      'CLI_INPUT_UNREADABLE',
      `cannot find receipt ${excerpt(id)}: this data folder has not issued it, or its batch is still being logged`,
    );
  }
  const { receipt, facts } = fromReceiptRow(row);
  return writeReceiptFile({
    receipt,
    proof: await installation.log.proof(row.logIndex),
    origin: installation.logTrust.origin,
    record: await recordAt(installation.registry, facts.promotion.index),
  });
}

function verify(
  text: string,
  keys: TrustedKeys,
  given: { readonly options: VerifyOptions; readonly cwd: string; readonly nowMs: number },
): VerifiedReceipt {
  const file = readReceiptFile(text);
  const { options, cwd } = given;
  const read = (name: string): Buffer => readFileSync(path.resolve(cwd, name));
  return verifyReceipt({
    receipt: parseReceipt(file.receipt),
    ...(options.response === undefined ? {} : { responseBytes: read(options.response) }),
    ...(options.request === undefined ? {} : { requestBytes: read(options.request) }),
    proof: file.proof,
    policy: {
      receiptKeys: [readPublicKey(keys.receipt)],
      log: { origin: file.origin, logKey: readPublicKey(keys.log) },
    },
    record: { envelope: parseEnvelope(file.record), trusted: [readPublicKey(keys.control)] },
    nowMs: given.nowMs,
  });
}

function show(verified: VerifiedReceipt, output: Output): void {
  const { facts } = verified;
  output.line(output.paint('green', 'verified'));
  output.line(`answer     ${facts.id}, ${facts.outcome}, ${isoTime(facts.issuedAtMs)}`);
  output.line(`model      ${printable(`${facts.model.name}@${facts.model.version}`)}`);
  output.line(`manifest   ${facts.model.manifestDigest}`);
  output.line(
    `promotion  entry ${facts.promotion.index} of the log, policy ${facts.promotion.policyDigest.slice(0, 12)}`,
  );
  output.line(`evidence   ${facts.evidenceLevel}`);
  for (const guardrail of facts.guardrails) {
    output.line(`guardrail  ${guardrail.id}: ${guardrail.outcome}, ${guardrail.action}`);
  }
  output.line(`log        batch is entry ${verified.logIndex}`);
  if (!verified.responseMatched) {
    output.line(
      output.paint('yellow', 'response   not compared: give the exact body with --response'),
    );
  }
  output.document({ verified: true, ...verified });
}
