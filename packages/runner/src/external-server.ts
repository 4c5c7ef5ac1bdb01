/**
 * Profiles for model servers that are not ours: any OpenAI-compatible command, and GGUF files.
 *
 * The server's own files are mounted read-only under their host path, it listens on the sandbox's
 * loopback, and the init bridges listed requests to it. It gets no more than our own server: no
 * network, no writable place but `/tmp`, the same filter, the same self-test. Because such a server
 * does not say what it loaded, the init hashes the model folder as seen inside.
 *
 * Not covered: GPUs. Device nodes and driver calls are not in the profile, and a driver would be
 * attack surface of its own.
 *
 * @module
 */
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { excerpt } from '@proofmark/core';

import { RunnerError } from './errors.ts';
import { MODEL_FOLDER, NODE_INSIDE } from './sandbox/layout.ts';
import type { HostMount, ServerProfile } from './sandbox/layout.ts';
import type { BridgeRoute } from './sandbox-init/plan.ts';
import { SERVER_ENVIRONMENT } from './server-profile.ts';

export interface ExternalServer {
  /**
   * The command as run inside: an absolute ELF binary of this host, then its arguments. It must
   * listen on 127.0.0.1 at `port`. The model is at `/model`.
   */
  readonly command: readonly string[];
  readonly port: number;
  /** Answers 200 when the server can take requests. */
  readonly healthPath: string;
  /** Host folders or files that the server needs, shown read-only under the same path. */
  readonly prefixes?: readonly string[];
  /** Added to the environment. Never a secret. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What may be asked of it; the OpenAI inference endpoints unless given. */
  readonly routes?: readonly BridgeRoute[];
  readonly tmpBytes?: number;
}

/** Inference, and nothing that changes or inspects the server. */
export const OPENAI_ROUTES: readonly BridgeRoute[] = [
  { method: 'POST', path: '/v1/chat/completions' },
  { method: 'POST', path: '/v1/completions' },
  { method: 'POST', path: '/v1/embeddings' },
  { method: 'GET', path: '/v1/models' },
  { method: 'GET', path: '/health' },
];

const EXTERNAL_PORT = 8080;

const TMP_BYTES = 256 * 1024 ** 2;
/** Folders whose content is the host's state or secrets, or that the sandbox makes itself. */
const NEVER_SHOWN = [
  '/',
  '/app',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/init',
  '/model',
  '/proc',
  '/root',
  '/run',
  '/runtime',
  '/sys',
  '/tmp',
  '/usr',
  '/var',
];

/** @throws {RunnerError} RUNNER_PROFILE_INVALID */
export function externalServerProfile(server: ExternalServer): ServerProfile {
  const binary = server.command[0] ?? '';
  if (!path.isAbsolute(binary)) {
    throw refuse(`"${excerpt(binary)}" is not an absolute path of a binary`);
  }
  if (!Number.isInteger(server.port) || server.port < 1024 || server.port > 65535) {
    throw refuse(`its port ${server.port} is not between 1024 and 65535`);
  }
  const mounts = [...(server.prefixes ?? []), binary].map(showAtSamePath);
  return {
    command: server.command,
    environment: { ...SERVER_ENVIRONMENT, ...server.environment },
    mode: {
      kind: 'bridge',
      port: server.port,
      healthPath: server.healthPath,
      routes: server.routes ?? OPENAI_ROUTES,
    },
    mounts: withoutNested(mounts),
    binaries: [binary],
    hashModel: true,
    tmpBytes: server.tmpBytes ?? TMP_BYTES,
  };
}

/**
 * llama.cpp's `llama-server` over one GGUF file of the model folder.
 *
 * @throws {RunnerError} RUNNER_PROFILE_INVALID
 */
export function llamaServerProfile(
  binary: string,
  modelFile: string,
  prefixes: readonly string[] = [],
): ServerProfile {
  const model = `${MODEL_FOLDER}/${modelFile}`;
  const address = ['--host', '127.0.0.1', '--port', `${EXTERNAL_PORT}`];
  return externalServerProfile({
    command: [binary, '--model', model, ...address, '--no-webui', '--offline'],
    port: EXTERNAL_PORT,
    healthPath: '/health',
    prefixes,
  });
}

/**
 * A GGUF file through the npm package `node-llama-cpp`, which the operator installed.
 *
 * @param nodeModules Host folder `node_modules` that holds the package and its platform build.
 * @throws {RunnerError} RUNNER_PROFILE_INVALID when the package is not there
 */
export function ggufServerProfile(nodeModules: string, modelFile: string): ServerProfile {
  const packageFolder = path.join(nodeModules, 'node-llama-cpp');
  if (statSync(packageFolder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw refuse(
      `"${excerpt(nodeModules)}" does not hold node-llama-cpp; install it there with npm install node-llama-cpp`,
    );
  }
  const source = import.meta.dirname;
  const script = `main${path.extname(import.meta.filename)}`;
  const mounts: readonly HostMount[] = [
    { source: realpathSync(nodeModules), destination: '/node_modules' },
    { source: path.join(source, 'gguf-server'), destination: '/app/gguf-server' },
    { source: path.join(source, 'model-server'), destination: '/app/model-server' },
  ];
  return {
    command: [NODE_INSIDE, `/app/gguf-server/${script}`],
    environment: {
      ...SERVER_ENVIRONMENT,
      MODEL_FILE: `${MODEL_FOLDER}/${modelFile}`,
      PORT: `${EXTERNAL_PORT}`,
    },
    mode: {
      kind: 'bridge',
      port: EXTERNAL_PORT,
      healthPath: '/health',
      routes: OPENAI_ROUTES,
    },
    mounts,
    binaries: [],
    hashModel: true,
    tmpBytes: TMP_BYTES,
  };
}

function showAtSamePath(hostPath: string): HostMount {
  const destination = path.posix.normalize(hostPath);
  if (!path.isAbsolute(hostPath) || NEVER_SHOWN.includes(destination.replace(/\/+$/, '') || '/')) {
    throw refuse(`"${excerpt(hostPath)}" must not be shown to a model server; name a folder below`);
  }
  const source = statSync(hostPath, { throwIfNoEntry: false });
  if (source === undefined) throw refuse(`"${excerpt(hostPath)}" does not exist`);
  return { source: realpathSync(hostPath), destination };
}

/** A mount below another one shows the same file twice. */
function withoutNested(mounts: readonly HostMount[]): readonly HostMount[] {
  const isBelow = (inner: HostMount, outer: HostMount): boolean =>
    inner.destination.startsWith(`${outer.destination}/`);
  const unique = new Map(mounts.map((mount) => [mount.destination, mount]));
  return [...unique.values()].filter(
    (mount) => ![...unique.values()].some((outer) => isBelow(mount, outer)),
  );
}

function refuse(why: string): RunnerError {
  return new RunnerError('RUNNER_PROFILE_INVALID', `cannot use the model server: ${why}`);
}
