/**
 * The payload of a sandbox that serves a GGUF file: loads it, then listens on loopback.
 *
 * It runs inside the sandbox and reads the two settings that the profile made for it: MODEL_FILE and
 * PORT. The init bridges the Unix socket to it and reports the digests of the model folder.
 *
 * @module
 */
import process from 'node:process';

import { loadEngine } from './engine.ts';
import { createGgufServer } from './http.ts';

const { MODEL_FILE: modelFile, PORT: port } = process.env;
if (modelFile === undefined) throw new Error('MODEL_FILE names no file');

const engine = await loadEngine(modelFile);
createGgufServer(engine).listen(Number(port), '127.0.0.1');
