/**
 * Writes `docs/receipt.html`: the receipt page as one file that opens without a server.
 *
 *     node tools/run.mjs page
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { buildReceiptPage } from './receipt-page/build.ts';

const file = path.join(path.dirname(import.meta.dirname), 'docs', 'receipt.html');
writeFileSync(file, buildReceiptPage());
process.stdout.write('docs/receipt.html\n');
