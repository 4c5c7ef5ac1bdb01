/**
 * (e) The promoted model in a server that phones home: nothing gets out, and an alert says who tried
 * to reach what.
 *
 * @module
 */
import { request } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';

import type { Alert } from '@proofmark/monitor';
import { launch, nodeServerProfile } from '@proofmark/runner';

import { createWatch } from '../serving/watch.ts';
import { admitAlias } from '../ship/admission.ts';
import { report } from './attack.ts';
import type { AttackReport, Trial } from './attack.ts';
import type { Laboratory } from './laboratory.ts';

const DESTINATION = 'exfiltration.example:443';

export async function exfiltration(laboratory: Laboratory): Promise<AttackReport> {
  const { installation, route } = laboratory;
  const watch = createWatch({
    document: installation.config.document,
    store: installation.telemetry,
    clock: installation.clock,
    tell: () => undefined,
  });
  const { admitted } = await admitAlias(installation, route.environment, route.alias);
  const extension = path.extname(import.meta.filename);
  const folder = path.join(import.meta.dirname, 'hostile-server');
  const serving = await launch(admitted, {
    tenant: route.id,
    runRoot: installation.folder.run,
    server: nodeServerProfile(folder, `main${extension}`),
    clock: installation.clock,
  });
  try {
    serving.onEgress((attempt) => watch.egress(attempt));
    const got = JSON.parse(await get(await serving.connect())) as {
      readonly proxy: string;
      readonly direct: string;
    };
    await serving.stop(); // the last count of direct attempts comes with the end
    await watch.evaluate();
    await watch.close();
    const alerts = await installation.telemetry.alerts({ limit: 100 });
    const { name, version } = admitted.model;
    const about = alerts.filter(
      (alert) => alert.labels['model'] === name && alert.labels['version'] === version,
    );
    const named = about.find((alert) => alert.labels['destination'] === DESTINATION);
    const direct = about.find((alert) => alert.labels['destination'] !== DESTINATION);
    return report('e', 'a model server that phones home', [
      trial(`connect to ${DESTINATION} through the proxy`, got.proxy, named),
      trial('connect to 192.0.2.1 directly', got.direct, direct),
    ]);
  } finally {
    await serving.stop();
    admitted.close();
  }
}

function trial(
  tried: string,
  got: string,
  alert: Pick<Alert, 'summary' | 'owner'> | undefined,
): Trial {
  const refused = got.startsWith('failed') && alert !== undefined;
  return {
    tried,
    by: 'runner, monitor',
    expected: 'no network, alert',
    code: refused ? 'no network, alert' : null,
    detail: `${got}; ${alert === undefined ? 'no alert' : `alert to ${alert.owner}: ${alert.summary}`}`,
  };
}

function get(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method: 'GET',
        path: '/',
        createConnection: () => socket,
        headers: { connection: 'close' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text = (text + chunk).slice(0, 4096);
        });
        response.on('end', () => resolve(text));
      },
    );
    sent.setTimeout(15_000, () => sent.destroy(new Error('the hostile server did not answer')));
    sent.on('error', reject);
    sent.end();
  });
}
