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
import {
  readReceiptFile,
  readReceiptPolicy,
  writeReceiptFile,
  writeReceiptPolicy,
} from '../receipt-file.ts';
import type { ReceiptPolicyFile } from '../receipt-file.ts';
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
  addPolicy(receipt, start);
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

function addPolicy(receipt: Command, start: Start): void {
  receipt
    .command('policy')
    .description('print whom to believe about receipts of this data folder: origin and public keys')
    .addHelpText('after', '\nExample:\n  proofmark receipt policy > policy.json')
    .action(async function action() {
      await start(this, (context) =>
        withInstallation(context, (installation) => {
          const text = writeReceiptPolicy(ownPolicy(installation));
          context.output.line(text.trimEnd());
          context.output.document(JSON.parse(text));
          return Promise.resolve(0);
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
    .option('--policy <file>', 'whom to believe (default: the keys of this data folder)')
    .addHelpText(
      'after',
      `
Examples:
  proofmark receipt verify rcpt_... --response answer.json
  proofmark receipt verify rcpt_....receipt.json --policy policy.json`,
    )
    .action(async function action(given: string) {
      const options = this.opts<VerifyOptions>();
      await start(this, async (context) => {
        const { cwd } = context;
        const trusted =
          options.policy === undefined
            ? null
            : readReceiptPolicy(readFileSync(path.resolve(cwd, options.policy), 'utf8'));
        const isId = given.startsWith('rcpt_') && !given.endsWith('.json');
        const text = isId
          ? await fromInstallation(context, (own) => exportReceipt(own, given))
          : readFileSync(path.resolve(cwd, given), 'utf8');
        const policy =
          trusted ?? (await fromInstallation(context, (own) => Promise.resolve(ownPolicy(own))));
        show(verify(text, policy, { options, cwd, nowMs: context.clock() }), context.output);
        return 0;
      });
    });
}

interface VerifyOptions {
  readonly response?: string;
  readonly request?: string;
  readonly policy?: string;
}

function ownPolicy(installation: Installation): ReceiptPolicyFile {
  const pem = (role: 'receipt' | 'log' | 'control'): string =>
    publicKeyPem(installation.signer(role).publicKey);
  return {
    origin: installation.logTrust.origin,
    receiptKeys: [pem('receipt')],
    logKey: pem('log'),
    controlKeys: [pem('control')],
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
  trusted: ReceiptPolicyFile,
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
      receiptKeys: trusted.receiptKeys.map(readPublicKey),
      log: { origin: trusted.origin, logKey: readPublicKey(trusted.logKey) },
    },
    record: {
      envelope: parseEnvelope(file.record),
      trusted: trusted.controlKeys.map(readPublicKey),
    },
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
