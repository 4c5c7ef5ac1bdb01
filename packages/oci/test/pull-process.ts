/**
 * A pull in a process of its own, for a test that kills it: HOST TARGET, then the PEM of the public
 * key. Prints the bytes done.
 *
 * @module
 */
import process from 'node:process';

import { readPublicKey } from '@proofmark/core';

import { pullModel } from '../src/pull-model.ts';
import { registryStore } from '../src/registry-store.ts';

const [, , host = '', target = '', pem = ''] = process.argv;
await pullModel({
  store: registryStore({ host, repository: 'a/b', credentials: null, access: 'pull' }),
  reference: '1',
  target,
  trust: { keys: [readPublicKey(pem)], nowMs: 0 },
  attestations: null,
  maxBytes: 1e9,
  onProgress: (done) => process.stdout.write(`${done}\n`),
});
