import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import {
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestContext } from 'node:test';

import { sha256Hex } from '@proofmark/core';

import type { EgressAttempt } from '../src/egress/attempt.ts';
import { RunnerError } from '../src/errors.ts';
import { fileState } from '../src/integrity.ts';
import { serve } from '../src/serve.ts';
import type { ServeOptions, ServingModel, VerifiedFile } from '../src/serve.ts';
import { nodeServerProfile } from '../src/server-profile.ts';
import {
  sandboxSupport,
  serverFolder,
  temporaryFolder,
  verifiedFiles,
} from './fixtures/sandbox.ts';

const subject = { tenant: 'acme', model: 'bot', version: '1.0', manifestDigest: 'd'.repeat(64) };
const SECRET = 'canary-4f1d';

interface Started {
  readonly serving: ServingModel;
  readonly runRoot: string;
}

async function start(
  t: TestContext,
  files: readonly VerifiedFile[],
  more: Partial<ServeOptions> = {},
): Promise<Started | null> {
  const support = await sandboxSupport(t);
  if (support === null) return null;
  const runRoot = path.join(temporaryFolder(t), 'run');
  const serving = await serve(subject, files, {
    tenant: 'acme',
    runRoot,
    clock: () => 42,
    support,
    server: nodeServerProfile(serverFolder('echo-server'), 'main.ts'),
    startTimeoutMs: 20_000,
    ...more,
  });
  t.after(() => serving.stop());
  return { serving, runRoot };
}

/** Asks the echo server inside to do something; gives what it answers. */
async function ask(serving: ServingModel, action: string, argument = ''): Promise<unknown> {
  const socket = await serving.connect();
  return new Promise((resolve, reject) => {
    const url = `${action}?arg=${encodeURIComponent(argument)}`;
    const outgoing = request({ createConnection: () => socket, path: url }, (response) => {
      void Array.fromAsync(response).then((chunks) => {
        resolve(JSON.parse(Buffer.concat(chunks as Buffer[]).toString()));
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function nextAttempt(serving: ServingModel): Promise<EgressAttempt> {
  return new Promise((resolve) => {
    serving.onEgress(resolve);
  });
}

describe('a served model', () => {
  test('answers, passed every check, and sees nothing of the host', async (t) => {
    process.env['PROOFMARK_TEST_SECRET'] = SECRET;
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD', 'sub/c.json': '{}' }));
    delete process.env['PROOFMARK_TEST_SECRET'];
    if (started === null) return;
    const { serving } = started;

    const { result } = (await ask(serving, '/self')) as {
      result: { argv: string[]; env: Record<string, string>; pids: string[]; root: string[] };
    };
    const environment = (await ask(serving, '/read', '/proc/1/environ')) as { result: string };
    const commandLine = readFileSync(`/proc/${serving.pid}/cmdline`, 'utf8');

    assert.ok(serving.selfTest.checks.every(({ outcome }) => outcome === 'pass'));
    // bubblewrap, the init, the watcher and the server.
    assert.ok(result.pids.length <= 4);
    assert.ok(!result.root.includes('etc') && !result.root.includes('home'));
    const visible = JSON.stringify([result, environment, commandLine]);
    assert.ok(!visible.includes(SECRET));
    assert.ok(!commandLine.includes('bot') && !commandLine.includes('w.bin'));
  });

  test('reads the verified bytes although another file took their name', async (t) => {
    const files = verifiedFiles(t, { 'w.bin': 'GOOD' });
    const onDisk = hostPath(files);
    renameSync(onDisk, `${onDisk}.aside`);
    writeFileSync(onDisk, 'EVIL');
    // The move changed the inode's change time; that is no change of its bytes.
    const moved = files.map((file) => ({ ...file, state: fileState(file.fd) }));
    const started = await start(t, moved);
    if (started === null) return;

    assert.deepEqual(await ask(started.serving, '/read', '/model/w.bin'), { result: 'GOOD' });
  });

  test('is refused when its verified file was replaced and is gone', async (t) => {
    const files = verifiedFiles(t, { 'w.bin': 'GOOD' });
    const onDisk = hostPath(files);
    writeFileSync(`${onDisk}.new`, 'EVIL');
    renameSync(`${onDisk}.new`, onDisk);

    await refused(t, files, {}, 'RUNNER_START_FAILED');
  });

  test('is ended when a sealed file is overwritten while it is served', async (t) => {
    const files = verifiedFiles(t, { 'w.bin': 'GOOD' });
    const onDisk = hostPath(files);
    const started = await start(t, files, { integrityIntervalMs: 10 });
    if (started === null) return;

    chmodSync(onDisk, 0o644);
    writeFileSync(onDisk, 'EVIL', { flag: 'r+' });
    const exit = await started.serving.exited;

    assert.equal(exit.reason, 'integrity-drift');
    assert.equal(exit.error?.code, 'RUNNER_INTEGRITY_DRIFT');
    await assert.rejects(started.serving.connect(), { code: 'RUNNER_SOCKET_REFUSED' });
  });

  test('is refused when its bytes are not the manifest', async (t) => {
    const [file] = verifiedFiles(t, { 'w.bin': 'GOOD' });
    assert.ok(file !== undefined);

    await refused(t, [{ ...file, sha256: sha256Hex('EVIL') }], {}, 'RUNNER_MODEL_MISMATCH');
  });
});

/** Where a verified file lies on the host. */
function hostPath(files: readonly VerifiedFile[]): string {
  return readlinkSync(`/proc/self/fd/${files[0]?.fd}`);
}

describe('a hostile server', () => {
  test('that uses the proxy is denied, and the record names model, version and destination', async (t) => {
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }));
    if (started === null) return;
    const attempt = nextAttempt(started.serving);

    const answer = (await ask(started.serving, '/fetch', 'https://exfil.test/x')) as {
      error: string;
    };

    assert.match(answer.error, /fetch failed/);
    assert.deepEqual(await attempt, {
      ...subject,
      outcome: 'denied',
      rule: 'not-allowed',
      destination: 'exfil.test:443',
      count: 1,
      atMs: 42,
    });
  });

  test('that connects directly is refused by the kernel, and every destination is recorded', async (t) => {
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }));
    if (started === null) return;
    const attempts: EgressAttempt[] = [];
    started.serving.onEgress((attempt) => attempts.push(attempt));

    const answers = [];
    for (const target of ['93.184.216.34|443', '2606:2800::1|443', '169.254.169.254|80']) {
      answers.push(await ask(started.serving, '/direct', target));
    }

    assert.deepEqual(
      answers,
      answers.map(() => ({ result: 'ENETUNREACH' })),
    );
    await started.serving.stop();
    const direct = attempts.filter(({ rule, model }) => rule === 'direct' && model === 'bot');
    const destinations = direct.map(({ destination }) => String(destination)).toSorted();
    assert.deepEqual(
      destinations,
      process.arch === 'x64'
        ? ['169.254.169.254:80', '93.184.216.34:443', '[2606:2800::1]:443']
        : ['null'],
    );
  });

  test('that looks up a name finds nothing, and the name is recorded', async (t) => {
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }));
    if (started === null) return;
    const attempt = nextAttempt(started.serving);

    const answer = (await ask(started.serving, '/direct', 'exfil.test|443')) as { result: string };

    assert.match(answer.result, /^(?:ENOTFOUND|EAI_AGAIN)$/);
    const { rule, destination } = await attempt;
    // Without glibc only the attempt to ask a name server is seen.
    assert.equal(rule, 'direct');
    assert.ok(destination === 'exfil.test' || destination === 'name resolution');
  });

  test('that claims destinations nobody tried adds them to its own record and hides nothing', async (t) => {
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }), {
      directCheckIntervalMs: 20,
    });
    if (started === null) return;
    const attempts: EgressAttempt[] = [];
    started.serving.onEgress((attempt) => attempts.push(attempt));

    await ask(started.serving, '/notify', '/direct?to=harmless.test%3A443&count=5000');
    await delay(100);
    await ask(started.serving, '/datagram', '192.0.2.7|9');
    await started.serving.stop();

    assert.ok(
      attempts.some(
        ({ destination, count }) => destination === 'harmless.test:443' && count === 5000,
      ),
    );
    assert.ok(attempts.some(({ rule, destination }) => rule === 'direct' && destination === null));
  });

  test('cannot reach a port of the host, which is reachable outside', async (t) => {
    const host = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    t.after(() => host.close());
    const { port } = host.address() as AddressInfo;
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }));
    if (started === null) return;

    const inside = await ask(started.serving, '/direct', `127.0.0.1|${port}`);
    const outside = await fetch(`http://127.0.0.1:${port}/`).catch(() => 'connected');

    assert.deepEqual(inside, { result: 'ECONNREFUSED' });
    assert.equal(outside, 'connected');
  });

  test('cannot lead a connection elsewhere by replacing its socket with a symlink', async (t) => {
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }));
    if (started === null) return;

    const relinked = await ask(started.serving, '/relink', '/run/other.sock');

    assert.deepEqual(relinked, { result: 'relinked' });
    await assert.rejects(started.serving.connect(), { code: 'RUNNER_SOCKET_REFUSED' });
  });
});

describe('the end of a sandbox', () => {
  test('a server that takes more memory than its limit ends alone', async (t) => {
    if (process.getuid?.() !== 0) {
      return t.diagnostic('no cgroup here: ulimit counts reserved memory and needs other numbers');
    }
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }), {
      limits: { memoryBytes: 256 << 20 },
    });
    if (started === null) return;
    if (started.serving.enforcedLimits.memoryBytes === 'ulimit') {
      return t.diagnostic('no cgroup here: the allocation fails and the server may live on');
    }

    await ask(started.serving, '/allocate', `${1 << 30}`).catch(() => undefined);

    assert.equal((await started.serving.exited).reason, 'server-ended');
  });

  test('stop() leaves no process, no folder and no claim', async (t) => {
    const started = await start(t, verifiedFiles(t, { 'w.bin': 'GOOD' }), {
      server: nodeServerProfile(serverFolder('forking-server'), 'main.ts'),
    });
    if (started === null) return;
    const { serving, runRoot } = started;
    const before = descendants(serving.pid);

    await serving.stop();

    assert.ok(before.length >= 5, `${before.length} processes`);
    assert.deepEqual(before.filter(isAlive), []);
    assert.deepEqual(readdirSync(path.join(runRoot, 'sandboxes')), []);
    const claims = path.join(runRoot, 'claims');
    assert.deepEqual(existsSync(claims) ? readdirSync(claims) : [], []);
    assert.equal((await serving.exited).reason, 'stopped');
  });

  test('killing the supervisor ends every process of the sandbox', async (t) => {
    if ((await sandboxSupport(t)) === null) return;
    const root = temporaryFolder(t);
    const flags = ['--conditions=proofmark-source', '--disable-warning=ExperimentalWarning'];
    const script = path.join(import.meta.dirname, 'fixtures/supervisor.ts');
    const supervisor = spawn(process.execPath, [...flags, script, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await new Promise<Buffer[]>((resolve) => {
      supervisor.stdout.once('data', (chunk: Buffer) => resolve([chunk]));
    })) as [Buffer];
    const pid = Number(String(line).trim());
    const tree = descendants(pid);

    supervisor.kill('SIGKILL');
    while ([pid, ...tree].some(isAlive)) await new Promise((resolve) => setImmediate(resolve));

    assert.ok(tree.length >= 5, `${tree.length} processes`);
    assert.ok(![pid, ...tree].some(isAlive));
  });

  const starts: readonly (readonly [name: string, script: string, why: RegExp])[] = [
    ['ends before it is ready', 'ends.ts', /no such weights/],
    ['never says READY', 'silent.ts', /not ready after/],
    ['says something else', 'chatty.ts', /JSON|READY/],
  ];
  for (const [name, script, why] of starts) {
    test(`a server that ${name} is refused and leaves nothing`, async (t) => {
      const timeout = script === 'silent.ts' ? { startTimeoutMs: 2_000 } : {};
      const server = nodeServerProfile(serverFolder('bad-servers'), script);

      const error = await refused(
        t,
        verifiedFiles(t, { 'w.bin': 'GOOD' }),
        { server, ...timeout },
        'RUNNER_START_FAILED',
      );

      if (error !== null) assert.match(error.message, why);
    });
  }

  test('a server that claims other bytes is refused', async (t) => {
    const server = nodeServerProfile(serverFolder('bad-servers'), 'other-bytes.ts');

    await refused(t, verifiedFiles(t, { 'w.bin': 'GOOD' }), { server }, 'RUNNER_MODEL_MISMATCH');
  });
});

async function refused(
  t: TestContext,
  files: readonly VerifiedFile[],
  more: Partial<ServeOptions>,
  code: string,
): Promise<RunnerError | null> {
  const runRoot = path.join(temporaryFolder(t), 'run');
  try {
    const started = await start(t, files, { runRoot, ...more });
    if (started === null) return null;
  } catch (cause) {
    assert.ok(cause instanceof RunnerError, String(cause));
    assert.equal(cause.code, code);
    assert.deepEqual(readdirSync(path.join(runRoot, 'sandboxes')), []);
    return cause;
  }
  assert.fail('the start was not refused');
}

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
