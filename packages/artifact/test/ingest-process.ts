/**
 * A process of its own that takes a folder in, for a test that kills it.
 *
 * @module
 */
import process from 'node:process';

import { hashFolder } from '../src/hash.ts';
import { openSealedStore } from '../src/sealed-store.ts';

const [root = '', folder = ''] = process.argv.slice(2);
await openSealedStore(root).ingest(folder, await hashFolder(folder), {
  onProgress: () => process.send?.('file'),
});
