/**
 * Runs what was promoted: admits it, starts its sandbox, puts the gateway in front.
 *
 * One object holds everything that runs, and `close` ends it in the order in which nothing that was
 * acknowledged is lost: gateway, receipts, spans, sandbox.
 *
 * @module
 */
import path from 'node:path';

import { createGateway } from '@proofmark/gateway';
import type { Gateway, Route, ShadowSink } from '@proofmark/gateway';
import { openReceiptIssuer } from '@proofmark/gateway/receipt';
import type { ReceiptIssuer } from '@proofmark/gateway/receipt';
import { launch } from '@proofmark/runner';
import type { AdmittedModel, ServerProfile, ServingModel } from '@proofmark/runner';
import { createTracer } from '@proofmark/trace';
import type { Tracer } from '@proofmark/trace';

import type { ConfigDocument, RouteDocument } from '../config/document.ts';
import type { Installation } from '../installation.ts';
import type { LogHealth } from '../log-health.ts';
import { admitAlias, admitMove } from '../ship/admission.ts';
import type { AdmissibleMove } from '../ship/admission.ts';
import { bindGuardrails, liveScorers } from './guardrails.ts';
import { watchRecordHealth } from './record-health.ts';
import type { Totals } from './record-health.ts';
import { createRouteTable } from './route-table.ts';
import { receiptSink, spanExporter, telemetryWriters } from './telemetry.ts';
import type { TelemetryWriters } from './telemetry.ts';
import { gatewaySecret, tenantKeys } from './tenant-keys.ts';
import type { Watch } from './watch.ts';

/** A promoted model that runs behind a route. Made from an admission and nothing else. */
export interface ServedRoute {
  readonly document: RouteDocument;
  readonly admitted: AdmittedModel;
  readonly serving: ServingModel;
  /** Ends the sandbox and closes the files; a second call waits for the first. */
  stop(): Promise<void>;
}

/** What runs a model, by what it consists of. */
export type ServerOf = (model: Pick<AdmittedModel, 'files'>) => ServerProfile;

/** Admits and starts what the route's alias points to. */
export async function serveRoute(
  installation: Installation,
  document: RouteDocument,
  serverOf: ServerOf,
): Promise<ServedRoute> {
  const { admitted } = await admitAlias(installation, document.environment, document.alias);
  return start(installation, { document, admitted }, serverOf);
}

/** Admits and starts what an earlier move put on the route's alias, to stand by. */
export async function standBy(
  installation: Installation,
  document: RouteDocument,
  how: { readonly move: AdmissibleMove; readonly serverOf: ServerOf },
): Promise<ServedRoute> {
  const admitted = await admitMove(installation, how.move);
  return start(installation, { document, admitted }, how.serverOf);
}

async function start(
  installation: Installation,
  { document, admitted }: Pick<ServedRoute, 'document' | 'admitted'>,
  serverOf: ServerOf,
): Promise<ServedRoute> {
  try {
    const serving = await launch(admitted, {
      tenant: document.id,
      runRoot: installation.folder.run,
      server: serverOf(admitted),
      clock: installation.clock,
    });
    const stop = once(async () => {
      await serving.stop();
      admitted.close();
    });
    return { document, admitted, serving, stop };
  } catch (error) {
    admitted.close();
    throw error;
  }
}

/**
 * The same model behind a newer record: for a rollback to a version that still runs. Its record and
 * bytes are verified again; its process goes on.
 *
 * @returns null when the alias points to another model
 */
export async function serveAgain(
  installation: Installation,
  before: ServedRoute,
): Promise<ServedRoute | null> {
  const { document, serving } = before;
  const { admitted } = await admitAlias(installation, document.environment, document.alias);
  if (admitted.model.manifestDigest !== before.admitted.model.manifestDigest) {
    admitted.close();
    return null;
  }
  const stop = once(async () => {
    await before.stop();
    admitted.close();
  });
  return { document, admitted, serving, stop };
}

/** Descriptors may be closed once only: their numbers go to other files afterwards. */
function once(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | null = null;
  return () => (begun ??= work());
}

export interface Host {
  readonly gateway: Gateway;
  readonly url: string;
  readonly issuer: ReceiptIssuer;
  readonly tracer: Tracer;
  readonly telemetry: TelemetryWriters;
  /**
   * Sends traffic to `next` from now on; resolves when the requests of `before`, if there was one,
   * have ended.
   */
  replace(before: ServedRoute | null, next: ServedRoute): Promise<void>;
  /** Refuses new requests to what is served; resolves when those in progress have ended. */
  withdraw(served: ServedRoute): Promise<void>;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly ServedRoute[];
  readonly watch: Watch;
  readonly shadow: ShadowSink;
  readonly onLoss: (lost: number, why: string) => void;
}

/** Starts the gateway in front of served routes. */
export async function startHost(installation: Installation, options: HostOptions): Promise<Host> {
  const { folder, config, clock, telemetry: store, log, logHealth } = installation;
  const secret = gatewaySecret(folder);
  const issuer = await openReceiptIssuer({
    spool: { directory: path.join(folder.root, 'spool'), sync: 'disk' },
    signer: installation.signer('receipt'),
    sink: receiptSink(store),
    log: { append: (entries) => installation.append(entries), proof: (index) => log.proof(index) },
    clock,
  });
  const tracer = createTracer({ exporter: spanExporter(store), clock, intervalMs: 200 });
  const telemetry = telemetryWriters(store, {
    secret,
    onLoss: options.onLoss,
    onLedger: (row) => options.watch.request(row),
  });
  const table = createRouteTable(
    options.routes,
    (served) => toRoute(served, config.document),
    tenantKeys(config.document, folder, secret),
  );
  const gateway = createGateway(table.config(), {
    secret,
    issuer,
    tracer,
    ledger: telemetry.ledger,
    onScore: (row) => {
      telemetry.onScore(row);
      options.watch.score(row);
    },
    shadow: options.shadow,
    clock,
  });
  const { host, port } = await gateway.listen(options.port, options.host);
  const endHealth = watchRecordHealth({
    clock,
    tell: (health) => options.watch.health(health),
    components: recordKeepers(issuer, tracer, logHealth),
  });
  return {
    gateway,
    url: `http://${host}:${port}`,
    issuer,
    tracer,
    telemetry,
    replace: (before, next) => table.replace(gateway, before, next),
    withdraw: (served) => table.withdraw(gateway, served),
    async close() {
      endHealth();
      await gateway.close();
      await table.settled();
      await issuer.close();
      await tracer.close();
      await telemetry.close();
      await options.watch.close();
      for (const route of table.routes()) await route.stop();
    },
  };
}

function recordKeepers(
  issuer: ReceiptIssuer,
  tracer: Tracer,
  log: LogHealth,
): Record<string, () => Totals> {
  return {
    log: () => ({ ...log.totals(), lost: 0 }),
    receipts: () => {
      const { failures, lastFailure } = issuer.stats();
      return { failures, lost: 0, lastFailure };
    },
    spans: () => {
      const { dropped, refused } = tracer.stats();
      return { failures: 0, lost: dropped + refused, lastFailure: null };
    },
  };
}

function toRoute(
  { document, admitted, serving }: ServedRoute,
  { gateway, scoring }: ConfigDocument,
): Route {
  const { model } = admitted;
  return {
    id: document.id,
    model: document.model,
    owner: document.owner,
    target: {
      name: model.name,
      version: model.version,
      manifestDigest: model.manifestDigest,
      omsRoot: model.omsRoot,
      promotionIndex: admitted.logIndex,
      policyDigest: admitted.policyDigest,
      evidenceLevel: 'verified-at-load',
    },
    upstream: { connect: () => serving.connect() },
    guardrails: bindGuardrails(document.guardrails),
    scorers: liveScorers(scoring.tier),
    limits: { requestBytes: gateway.maxBodyBytes, inFlight: gateway.maxInFlight },
  };
}
