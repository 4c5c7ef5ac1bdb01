/**
 * Connects to the inference socket of a sandbox without trusting its folder.
 *
 * The sandbox can replace its socket by a symlink to another tenant's or to a host service: a naive
 * connect would then speak to that. So the path is opened without following links, must be a socket
 * that the sandbox's own uid made, and the connection goes to that very inode.
 *
 * @module
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { RunnerError } from './errors.ts';

const O_PATH = 0o10000000;

/** @throws {RunnerError} RUNNER_SOCKET_REFUSED */
export async function connectSandboxSocket(socketPath: string, ownerUid: number): Promise<Socket> {
  const fd = openSocket(socketPath, ownerUid);
  try {
    return await connectTo(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

function openSocket(socketPath: string, ownerUid: number): number {
  let fd: number;
  try {
    fd = openSync(socketPath, O_PATH | constants.O_NOFOLLOW);
  } catch (cause) {
    throw refuse('it cannot be opened; is the server running?', cause);
  }
  const stat = fstatSync(fd);
  if (stat.isSocket() && stat.uid === ownerUid) return fd;
  closeSync(fd);
  throw refuse(
    'it is not a socket of this sandbox, which may try to lead the connection elsewhere',
  );
}

async function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const fail = (cause: Error): void => reject(refuse('nothing accepts connections there', cause));
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function refuse(why: string, cause?: unknown): RunnerError {
  return new RunnerError(
    'RUNNER_SOCKET_REFUSED',
    `cannot connect to the socket of the sandbox: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
