/**
 * What the gateway costs: the same requests straight to a model server, through a bare gateway, and
 * through one with guardrails, spool and receipts. The three run interleaved; each is a process.
 *
 *     npm run -s bench -- gateway [--json]
 *
 * @module
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { generatePrivateKeyPem, readSigner } from '@proofmark/core';
import { ContentSafety, PII, PromptInjection } from '@proofmark/evals';
import { bindGuardrail, createGateway, hashTenantKey } from '@proofmark/gateway';
import type { GuardrailBinding, Upstream } from '@proofmark/gateway';
import { openReceiptIssuer } from '@proofmark/gateway/receipt';
import type { ReceiptIssuer } from '@proofmark/gateway/receipt';
import { memoryLock, openLog } from '@proofmark/tlog';

const CONNECTIONS = 8;
const REQUESTS = 3_000;
const ROUNDS = 3;
const KEY = 'pm-bench-key';
const SECRET = Buffer.alloc(32, 7);
const DIGEST = 'a'.repeat(64);
const BODY = Buffer.from(
  JSON.stringify({
    model: 'support',
    messages: [
      { role: 'system', content: 'You answer questions about orders in one or two sentences.' },
      { role: 'user', content: 'Hello, my parcel should have come on Monday. Where is it now?' },
    ],
    max_tokens: 128,
  }),
);
const ANSWER = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'support',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Your parcel left our store and is on its way. '.repeat(8),
        },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 40, completion_tokens: 80, total_tokens: 120 },
  }),
);

type Role = 'model' | 'bare' | 'full';

/** A child says where it listens, then its CPU microseconds whenever it is asked. */
async function serve(role: Role, folder: string): Promise<void> {
  const port = role === 'model' ? await serveModel(folder) : await serveGateway(role, folder);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuUs: user + system });
  });
  process.send?.({ port });
}

async function serveModel(folder: string): Promise<number> {
  const answer = (): ReturnType<typeof createServer> =>
    createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
      });
    });
  await new Promise<void>((resolve) => answer().listen(path.join(folder, 'model.sock'), resolve));
  const direct = answer();
  await new Promise<void>((resolve) => direct.listen(0, '127.0.0.1', resolve));
  const address = direct.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function serveGateway(role: Role, folder: string): Promise<number> {
  const full = role === 'full';
  const upstream: Upstream = {
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = net.connect(path.join(folder, 'model.sock'));
        socket.once('connect', () => resolve(socket)).once('error', reject);
      }),
  };
  const gateway = createGateway(
    {
      routes: [
        {
          id: 'r',
          model: 'support',
          owner: 'bench',
          target: {
            name: 'support',
            version: '1',
            manifestDigest: DIGEST,
            omsRoot: DIGEST,
            promotionIndex: 0,
            policyDigest: DIGEST,
            evidenceLevel: 'configured',
          },
          upstream,
          guardrails: full ? guardrails() : [],
          scorers: [],
        },
      ],
      tenants: [{ id: 't', keyHash: hashTenantKey(SECRET, KEY), routes: ['r'], rpm: 1e9 }],
    },
    {
      secret: SECRET,
      issuer: full ? await issuerIn(folder) : noReceipts,
      tracer: { record: () => undefined },
      ledger: { record: () => undefined },
      onScore: () => undefined,
      shadow: { pair: () => undefined, dropped: () => undefined },
      clock: Date.now,
    },
  );
  return (await gateway.listen(0)).port;
}

function guardrails(): GuardrailBinding[] {
  const injection = new PromptInjection();
  return [
    bindGuardrail({ id: 'injection', stage: 'input', action: 'block' }, injection, (input) => ({
      input,
      channel: 'user' as const,
    })),
    bindGuardrail({ id: 'pii', stage: 'output', action: 'redact' }, new PII(), (text) => ({
      text,
    })),
    bindGuardrail(
      { id: 'safety', stage: 'output', action: 'block' },
      new ContentSafety(),
      (output) => ({
        output,
      }),
    ),
  ];
}

async function issuerIn(folder: string): Promise<ReceiptIssuer> {
  const log = await openLog({
    directory: path.join(folder, 'log'),
    origin: 'bench.example/log',
    signer: readSigner(generatePrivateKeyPem('ed25519')),
    lock: memoryLock(),
    clock: Date.now,
  });
  return openReceiptIssuer({
    spool: { directory: path.join(folder, 'spool'), sync: 'process' },
    signer: readSigner(generatePrivateKeyPem('ed25519')),
    sink: { put: () => Promise.resolve(), get: () => Promise.resolve(null) },
    log,
    clock: Date.now,
  });
}

const done = (): Promise<void> => Promise.resolve();
const noReceipts: ReceiptIssuer = {
  begin: done,
  seal: done,
  flush: done,
  close: done,
  find: () => Promise.resolve(null),
  accepting: () => true,
  stats: () => ({ pending: 0, issued: 0, batches: 0, failures: 0, lastFailure: null }),
};

const HEAD = Buffer.from(
  `POST /v1/chat/completions HTTP/1.1\r\nhost: b\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`,
);

/** Sends requests one after the other on a kept connection. @returns the latency of each, ms */
async function client(port: number, requests: number): Promise<number[]> {
  const socket = net.connect(port, '127.0.0.1').setNoDelay(true);
  const latencies: number[] = [];
  for (let i = 0; i < requests; i += 1) {
    const start = performance.now();
    socket.write(Buffer.concat([HEAD, BODY]));
    await wholeAnswer(socket);
    latencies.push(performance.now() - start);
  }
  socket.destroy();
  return latencies;
}

function wholeAnswer(socket: net.Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
      // Servers without a content length send chunks; the last one is empty.
      const complete = Number.isNaN(length)
        ? text.endsWith('0\r\n\r\n')
        : text.length >= end + 4 + length;
      if (end === -1 || !complete) return;
      socket.off('data', onData);
      if (text.startsWith('HTTP/1.1 200')) resolve();
      else reject(new Error(text.slice(0, 300)));
    };
    socket.on('data', onData);
  });
}

async function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (value) => resolve(value as T)));
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const answer = message<{ cpuUs: number }>(child);
  child.send('cpu');
  return (await answer).cpuUs;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'proofmark-bench-'));
  const roles: readonly Role[] = ['model', 'bare', 'full'];
  const children = new Map<Role, { readonly child: ChildProcess; readonly port: number }>();
  for (const role of roles) {
    const child = fork(import.meta.filename, [role, folder], { execArgv: process.execArgv });
    children.set(role, { child, port: (await message<{ port: number }>(child)).port });
  }
  const cpu = new Map<Role, number[]>(roles.map((role) => [role, []]));
  const latency = new Map<Role, number[]>(roles.map((role) => [role, []]));
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [role, { child, port }] of children) {
      const before = await cpuOf(child);
      await Promise.all(
        Array.from({ length: CONNECTIONS }, () => client(port, REQUESTS / CONNECTIONS)),
      );
      const used = (await cpuOf(child)) - before;
      const single = await client(port, 100);
      if (round < 0) continue; // warm-up
      cpu.get(role)?.push(used / REQUESTS);
      latency.get(role)?.push(quantile(single, 0.5));
    }
  }
  for (const { child } of children.values()) child.kill();
  rmSync(folder, { recursive: true, force: true });
  const figure = (from: Map<Role, number[]>, role: Role): number =>
    Math.round(quantile(from.get(role) ?? [], 0.5) * 100) / 100;
  const ratio = (a: Role, b: Role): number =>
    Math.round((figure(cpu, a) / figure(cpu, b)) * 100) / 100;
  report({
    cpu_us_per_request_model: figure(cpu, 'model'),
    cpu_us_per_request_bare: figure(cpu, 'bare'),
    cpu_us_per_request_guarded_receipted: figure(cpu, 'full'),
    ratio_bare_to_model: ratio('bare', 'model'),
    ratio_guarded_receipted_to_bare: ratio('full', 'bare'),
    p50_ms_direct: figure(latency, 'model'),
    p50_ms_bare: figure(latency, 'bare'),
    p50_ms_guarded_receipted: figure(latency, 'full'),
    connections: CONNECTIONS,
    requests: REQUESTS,
    rounds: ROUNDS,
    node: process.version,
    cpus: os.cpus().length,
    cpu: os.cpus()[0]?.model ?? 'unknown',
  });
}

function report(figures: Readonly<Record<string, string | number>>): void {
  if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
  else for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
}

const [role, folder] = process.argv.slice(2);
if ((role === 'model' || role === 'bare' || role === 'full') && folder !== undefined) {
  await serve(role, folder);
} else {
  await main();
}
