/**
 * The payload of a sandbox that serves an ONNX model: loads `/model`, listens, says READY.
 *
 * Like the model server beside it, whose HTTP face it shares. Settings come from the environment the
 * profile made: SOCK (socket to listen on), MODEL_DIR and MODEL_FILE (the graph, relative to it).
 *
 * @module
 */
import process from 'node:process';

import { runServer } from '../model-server/run-server.ts';
import { loadOnnxFolder } from './model-folder.ts';

const { SOCK: socketPath, MODEL_DIR: folder = '/model', MODEL_FILE: modelFile } = process.env;
if (socketPath === undefined) throw new Error('SOCK names no socket');
if (modelFile === undefined) throw new Error('MODEL_FILE names no file');

await runServer(socketPath, () => loadOnnxFolder(folder, modelFile));
