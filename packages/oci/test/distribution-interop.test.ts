import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { after, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { layoutStore } from '../src/layout-store.ts';
import { pullModel } from '../src/pull-model.ts';
import { pushModel } from '../src/push-model.ts';
import { registryStore } from '../src/registry-store.ts';
import { FILES, attest, signedFolder, signer, strangers, trust } from './model.ts';
import { storeContract } from './store-contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Against a real registry server: CNCF distribution, from PROOFMARK_REGISTRY or Debian's package
 * `docker-registry`.
 */
const binary = findRegistry();
const skip = binary === null ? 'skipped: no registry; set PROOFMARK_REGISTRY to its binary' : false;

function findRegistry(): string | null {
  const { PROOFMARK_REGISTRY: given } = process.env;
  if (given !== undefined && given !== '') return given;
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v docker-registry'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

describe('a real registry', { skip }, async () => {
  if (binary === null) return;
  const login = { username: 'me', password: 'secret of the test' };
  const open = await serve(binary, '');
  const closed = await serve(binary, login.username, login.password);
  after(() => {
    open.stop();
    closed.stop();
  });
  const base = { credentials: null, access: 'pull,push', pauseMs: 20 } as const;
  let repositories = 0;
  storeContract('keeps the contract of a store, in chunks', () => {
    repositories += 1;
    const repository = `contract/r${repositories}`;
    return Promise.resolve(
      registryStore({ ...base, host: open.host, repository, chunkBytes: 100 }),
    );
  });

  test('takes a model and gives it back, behind a login', async () => {
    const signed = await signedFolder({
      ...FILES,
      'big.bin': randomBytes(500_000).toString('hex'),
    });
    const credentials = { ...login, identityToken: null };
    const store = registryStore({
      ...base,
      host: closed.host,
      repository: 'models/a',
      credentials,
      chunkBytes: 300_000,
    });
    const target = path.join(temporaryFolder(), 'model');
    const { manifestDigest: manifest } = signed.verified.manifest;
    const attestation = Buffer.from(JSON.stringify(await attest(signer, { manifest })));

    await pushModel({ store, ...signed, attestations: [attestation], name: 'a', tag: '1' });
    const wish = { trust, required: true };
    const pull = { store, reference: '1', target, trust, attestations: wish, maxBytes: 1e9 };
    await assert.rejects(pullModel({ ...pull, trust: strangers }), {
      code: 'ARTIFACT_SIGNATURE_UNTRUSTED',
    });
    const { attestations } = await pullModel(pull);

    assert.deepEqual(
      attestations?.judged.map(({ standing }) => standing),
      ['trusted'],
    );
    assert.equal(readFileSync(path.join(target, 'README.md'), 'utf8'), FILES['README.md']);
    for (const wrong of [null, { ...credentials, password: 'x' }]) {
      const other = registryStore({
        ...base,
        host: closed.host,
        repository: 'b',
        credentials: wrong,
      });
      await assert.rejects(other.getManifest('1'), { code: 'OCI_ACCESS_DENIED' });
    }
  });

  test('and a layout folder name a model by the same digest', async () => {
    const signed = await signedFolder();
    const stores = [
      registryStore({ ...base, host: open.host, repository: 'same' }),
      layoutStore(temporaryFolder()),
    ];

    const [one, two] = await Promise.all(
      stores.map((store) => pushModel({ store, ...signed, attestations: [], name: 'a', tag: '1' })),
    );

    assert.equal(one?.digest, two?.digest);
  });
});

interface Running {
  readonly host: string;
  readonly stop: () => void;
}

async function serve(command: string, username: string, password = ''): Promise<Running> {
  const folder = temporaryFolder();
  const port = await freePort();
  const config = path.join(folder, 'config.yml');
  const auth =
    username === '' ? '' : `auth: { htpasswd: { realm: test, path: ${folder}/htpasswd } }\n`;
  if (username !== '') writeFileSync(path.join(folder, 'htpasswd'), htpasswd(username, password));
  writeFileSync(
    config,
    `version: 0.1\nlog: { level: error, accesslog: { disabled: true } }\nstorage: { filesystem: { rootdirectory: ${folder}/data } }\nhttp: { addr: "127.0.0.1:${port}", secret: test }\n${auth}`,
  );
  const environment = { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' };
  const child = spawn(command, ['serve', config], { stdio: 'ignore', env: environment });
  const host = `127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => null);
    if (answer !== null) break;
    await wait(50);
  }
  return { host, stop: () => child.kill() };
}

/** bcrypt needs a tool: Debian's apache2-utils, or Python's crypt as its fallback. */
function htpasswd(username: string, password: string): string {
  const made = spawnSync('htpasswd', ['-Bbn', '-C', '4', username, password], { encoding: 'utf8' });
  if (made.status === 0) return made.stdout;
  const script =
    'import crypt,sys; print(crypt.crypt(sys.argv[1], crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)))';
  const hash = spawnSync('python3', ['-W', 'ignore', '-c', script, password], { encoding: 'utf8' });
  return `${username}:${hash.stdout.trim()}\n`;
}
