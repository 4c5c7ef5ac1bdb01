/**
 * The payload of the sandbox: loads `/model`, listens on a Unix socket, says READY.
 *
 * It runs alone inside the sandbox with nothing of the project but this folder, which is why it
 * reads its two settings from the environment the sandbox made for it: SOCK (socket to listen on)
 * and MODEL_DIR. Standard output carries exactly one line of JSON with the digest of every file as
 * this process read it.
 *
 * @module
 */
import { chmodSync } from 'node:fs';
import process from 'node:process';

import { createModelServer } from './http.ts';
import { loadModelFolder } from './model-folder.ts';

const { SOCK: socketPath, MODEL_DIR: folder = '/model' } = process.env;
if (socketPath === undefined) throw new Error('SOCK names no socket');

const model = loadModelFolder(folder);
createModelServer(model).listen(socketPath, () => {
  chmodSync(socketPath, 0o666); // the folder around it is closed to everybody else
  process.stdout.write(`${JSON.stringify({ ready: true, modelFiles: model.modelFiles })}\n`);
});
