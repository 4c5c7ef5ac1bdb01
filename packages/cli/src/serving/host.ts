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
import type { Gateway, Route } from '@proofmark/gateway';
import { openReceiptIssuer } from '@proofmark/gateway/receipt';
import type { ReceiptIssuer } from '@proofmark/gateway/receipt';
import { launch } from '@proofmark/runner';
import type { AdmittedModel, ServerProfile, ServingModel } from '@proofmark/runner';
import { createTracer } from '@proofmark/trace';
import type { Tracer } from '@proofmark/trace';

import type { ConfigDocument, RouteDocument } from '../config/document.ts';
import type { Installation } from '../installation.ts';
import { admitAlias } from '../ship/admission.ts';
import { bindGuardrails, liveScorers } from './guardrails.ts';
import { watchRecordHealth } from './record-health.ts';
import type { Totals } from './record-health.ts';
import { receiptSink, spanExporter, telemetryWriters } from './telemetry.ts';
import type { TelemetryWriters } from './telemetry.ts';
import { gatewaySecret, tenantKeys } from './tenant-keys.ts';
import type { Watch } from './watch.ts';

/** A promoted model that runs behind a route. Made from an admission and nothing else. */
export interface ServedRoute {
  readonly document: RouteDocument;
  readonly admitted: AdmittedModel;
  readonly serving: ServingModel;
}

/** Admits and starts what the route's alias points to. */
export async function serveRoute(
  installation: Installation,
  document: RouteDocument,
  server: ServerProfile,
): Promise<ServedRoute> {
  const { admitted } = await admitAlias(installation, document.environment, document.alias);
  try {
    const serving = await launch(admitted, {
      tenant: document.id,
      runRoot: installation.folder.run,
      server,
      clock: installation.clock,
    });
    return { document, admitted, serving };
  } catch (error) {
    admitted.close();
    throw error;
  }
}

export interface Host {
  readonly gateway: Gateway;
  readonly url: string;
  readonly issuer: ReceiptIssuer;
  readonly tracer: Tracer;
  readonly telemetry: TelemetryWriters;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly ServedRoute[];
  readonly watch: Watch;
  readonly onLoss: (lost: number, why: string) => void;
}

/** Starts the gateway in front of served routes. */
export async function startHost(installation: Installation, options: HostOptions): Promise<Host> {
  const { folder, config, clock, telemetry: store, log } = installation;
  const secret = gatewaySecret(folder);
  const issuer = await openReceiptIssuer({
    spool: { directory: path.join(folder.root, 'spool'), sync: 'disk' },
    signer: installation.signer('receipt'),
    sink: receiptSink(store),
    log: { append: (entries) => log.append(entries), proof: (index) => log.proof(index) },
    clock,
  });
  const tracer = createTracer({ exporter: spanExporter(store), clock, intervalMs: 200 });
  const telemetry = telemetryWriters(store, {
    secret,
    onLoss: options.onLoss,
    onLedger: (row) => options.watch.request(row),
  });
  const gateway = createGateway(
    {
      routes: options.routes.map((route) => toRoute(route, config.document.gateway)),
      tenants: tenantKeys(config.document, folder, secret),
    },
    {
      secret,
      issuer,
      tracer,
      ledger: telemetry.ledger,
      onScore: (row) => {
        telemetry.onScore(row);
        options.watch.score(row);
      },
      clock,
    },
  );
  const { host, port } = await gateway.listen(options.port, options.host);
  const endHealth = watchRecordHealth({
    clock,
    tell: (health) => options.watch.health(health),
    components: recordKeepers(issuer, tracer),
  });
  return {
    gateway,
    url: `http://${host}:${port}`,
    issuer,
    tracer,
    telemetry,
    async close() {
      endHealth();
      await gateway.close();
      await issuer.close();
      await tracer.close();
      await telemetry.close();
      await options.watch.close();
      for (const { serving, admitted } of options.routes) {
        await serving.stop();
        admitted.close();
      }
    },
  };
}

function recordKeepers(issuer: ReceiptIssuer, tracer: Tracer): Record<string, () => Totals> {
  return {
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
  limits: ConfigDocument['gateway'],
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
    scorers: liveScorers(),
    limits: { requestBytes: limits.maxBodyBytes, inFlight: limits.maxInFlight },
  };
}
