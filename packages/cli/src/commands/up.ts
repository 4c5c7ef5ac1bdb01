/**
 * `proofmark up`: everything on one machine, with embedded storage.
 *
 * With `--demo` it first does the main job on a real model, step by step. It serves until the first
 * Ctrl-C and then ends cleanly.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { openDeliveryStore } from '@proofmark/server';

import type { CommandContext, ExitCode } from '../context.ts';
import { createDataFolder } from '../data-folder.ts';
import { initialise } from '../initialise.ts';
import type { Installation } from '../installation.ts';
import { chooseModel } from '../model-choice.ts';
import type { ModelChoice } from '../model-choice.ts';
import type { Verb } from '../program.ts';
import { startControlPlane } from '../serving/control.ts';
import { askOnce } from '../serving/first-answer.ts';
import { serveRoute, startHost } from '../serving/host.ts';
import type { Host } from '../serving/host.ts';
import { followLive } from '../serving/live-follower.ts';
import { createOwnerDelivery, ownerReceivers } from '../serving/owner-delivery.ts';
import { watchPromoted } from '../serving/promoted.ts';
import { keepTelemetry } from '../serving/retention.ts';
import { openShadowing } from '../serving/shadowing.ts';
import { createWatch } from '../serving/watch.ts';
import type { Watch } from '../serving/watch.ts';
import { tenantKeyFile } from '../serving/tenant-keys.ts';
import { withInstallation } from '../session.ts';
import { firstRoute, shipDemo } from '../ship/demo.ts';
import { MAIN_JOB_STEPS } from '../ship/main-job.ts';
import { createSteps } from '../ship/steps.ts';
import type { Steps } from '../ship/steps.ts';
import { greet } from './up-greeting.ts';

export interface UpOptions {
  readonly demo?: boolean;
  readonly model?: string;
  readonly server?: string;
  readonly serverPort?: string;
  readonly serverPrefix: readonly string[];
  readonly suite?: string;
  readonly port?: string;
  readonly controlPort?: string;
}

const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];
const SERVING_STEPS = 3;

export const upVerb: Verb = (program, start) => {
  program
    .command('up')
    .description('serve promoted models on this machine; with --demo, ship one first')
    .option('--demo', 'do the main job on the shipped model, or on --model, under the demo policy')
    .option(
      '--model <path>',
      'model folder (safetensors or ONNX), or a GGUF file in a folder of its own',
    )
    .option('--server <command>', 'OpenAI-compatible server to run in the sandbox (absolute path)')
    .option('--server-port <port>', 'port that server listens on inside', '8080')
    .option('--server-prefix <path>', 'folder that server needs; several times', collect, [])
    .option('--suite <file>', 'red-team suite, JSON lines (default: the shipped small suite)')
    .option('--port <port>', 'port of the gateway (default: proofmark.yaml)')
    .option('--control-port <port>', 'port of the control plane (default: proofmark.yaml)')
    .addHelpText('after', '\nExample:\n  proofmark up --demo')
    .action(async function action() {
      const options = this.opts<UpOptions>();
      await start(this, (context) => up(context, options));
    });
};

async function up(context: CommandContext, options: UpOptions): Promise<ExitCode> {
  const startedMs = performance.now();
  const folder = createDataFolder(context.dataRoot);
  if (options.demo === true && !existsSync(folder.config)) initialise(folder, 'demo');
  const model = chooseModel({ ...options, cwd: context.cwd });
  context.output.note(`engine: ${model.engine}`);
  return withInstallation(context, async (installation) => {
    const total = (options.demo === true ? MAIN_JOB_STEPS : 0) + SERVING_STEPS;
    const steps = createSteps(context.output, total);
    if (options.demo === true) {
      const suite =
        options.suite === undefined ? {} : { suite: path.resolve(context.cwd, options.suite) };
      await shipDemo(context, installation, { model, steps, ...suite });
    }
    const running = await serve(context, installation, { model, options, steps });
    const endRetention = keepTelemetry({
      store: installation.telemetry,
      days: installation.config.document.telemetry.retentionDays,
      clock: context.clock,
      tell: (line) => context.output.note(line),
    });
    try {
      const readyMs = Math.round(performance.now() - startedMs);
      greet(context, installation, { ...running, readyMs });
      await untilAborted(context.signal);
      context.output.note('stopping: answering what is under way, then closing');
    } finally {
      await endRetention();
      await running.control.close();
      await running.endFollowing();
      await running.host.close();
      await running.endShadowing();
    }
    return 0;
  });
}

interface UpParts {
  readonly model: ModelChoice;
  readonly options: UpOptions;
  readonly steps: Steps;
}

/** What runs now. */
export interface Running {
  readonly host: Host;
  readonly control: { readonly url: string; close(): Promise<void> };
  /** Ends what moves traffic, before the host is closed. */
  endFollowing(): Promise<void>;
  /** Ends candidates and keeps their pairs, after the host was closed. */
  endShadowing(): Promise<void>;
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly manifestDigest: string;
  };
  /** Id of the receipt of the first answer, null when none was asked for. */
  readonly receiptId: string | null;
  readonly apiKeyFile: string;
}

async function serve(
  context: CommandContext,
  installation: Installation,
  { model, options, steps }: UpParts,
): Promise<Running> {
  const { document } = installation.config;
  const route = firstRoute(installation);
  const tell = (line: string): void => context.output.note(context.output.paint('yellow', line));
  const watch = startWatch(installation, tell);
  const served = await steps.run('sandbox', async () => {
    const value = await serveRoute(installation, route, model.server);
    const passed = value.serving.selfTest.checks.length;
    return {
      value,
      said: `no network; ${passed} checks passed inside; ready in ${Math.round(value.serving.startMs)} ms`,
    };
  });
  const promoted = watchPromoted(watch, route.id);
  promoted.onServed(served);
  const onLoss = (lost: number, why: string): void =>
    context.output.note(`telemetry lost ${lost} rows: ${why}`);
  const shadowing = openShadowing(installation, { tell, onLoss, actor: context.actor });
  const host = await steps.run('gateway', async () => {
    const value = await startHost(installation, {
      host: document.gateway.host,
      port: Number(options.port ?? document.gateway.port),
      routes: [served],
      watch,
      shadow: shadowing.sink,
      onLoss,
    });
    return { value, said: `${value.url}, ${route.guardrails.length} guardrails on the route` };
  });
  const following = { host, route, server: model.server, served, ...promoted, tell };
  const live = followLive(installation, following);
  await shadowing.follow({
    gateway: host.gateway,
    route,
    server: model.server,
    live: () => live.served().admitted.model.manifestDigest,
    onEgress: (attempt) => watch.egress(attempt),
  });
  const control = await startControlPlane(installation, options.controlPort, (error) => {
    context.output.note(`control plane: ${error instanceof Error ? error.message : String(error)}`);
  });
  const apiKeyFile = tenantKeyFile(installation.folder, document.tenants[0]?.id ?? 'demo');
  const receiptId = await steps.run('answer, receipt', () =>
    askOnce(installation, { host, route, apiKeyFile, output: context.output }),
  );
  const { name, version, manifestDigest } = served.admitted.model;
  return {
    host,
    control,
    endFollowing: () => live.close(),
    endShadowing: () => shadowing.close(),
    model: { name, version, manifestDigest },
    receiptId,
    apiKeyFile,
  };
}

function startWatch(installation: Installation, tell: (line: string) => void): Watch {
  const { config, folder, telemetry, clock } = installation;
  const { document } = config;
  const owners = createOwnerDelivery({
    receivers: ownerReceivers(document, folder, clock),
    store: openDeliveryStore(folder.root),
    clock,
    tell,
  });
  return createWatch({ document, store: telemetry, owners, clock, tell });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
