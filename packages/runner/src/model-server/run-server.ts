/**
 * What the servers inside a sandbox do alike: load, listen, say READY; or say why not, and end.
 *
 * Standard output carries exactly one line of JSON with the digest of every file as this process
 * read it.
 *
 * @module
 */
import { chmodSync } from 'node:fs';
import process from 'node:process';

import type { ChatModel } from './chat-model.ts';
import { ServeError } from './errors.ts';
import { createModelServer } from './http.ts';

/** A model, with the SHA-256 of every file of its folder by '/'-separated relative path. */
export interface ServableModel extends ChatModel {
  readonly modelFiles: Readonly<Record<string, string>>;
}

/** @param socketPath Unix socket to listen on. */
export async function runServer(
  socketPath: string,
  load: () => ServableModel | Promise<ServableModel>,
): Promise<void> {
  try {
    const model = await load();
    createModelServer(model).listen(socketPath, () => {
      chmodSync(socketPath, 0o666); // the folder around it is closed to everybody else
      process.stdout.write(`${JSON.stringify({ ready: true, modelFiles: model.modelFiles })}\n`);
    });
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    // The supervisor repeats the end of this to the person who wants the model served.
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
