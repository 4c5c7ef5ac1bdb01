/**
 * The payload of the sandbox: loads `/model`, listens on a Unix socket, says READY.
 *
 * It runs alone inside the sandbox with nothing of the project but this folder, which is why it
 * reads its two settings from the environment the sandbox made for it: SOCK (socket to listen on)
 * and MODEL_DIR.
 *
 * @module
 */
import process from 'node:process';

import { loadModelFolder } from './model-folder.ts';
import { runServer } from './run-server.ts';

const { SOCK: socketPath, MODEL_DIR: folder = '/model' } = process.env;
if (socketPath === undefined) throw new Error('SOCK names no socket');

await runServer(socketPath, () => loadModelFolder(folder));
