/**
 * Preloaded into a test process: gives one module with one place replaced.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import process from 'node:process';

const { url, start, end, replacement } = JSON.parse(process.env['PROOFMARK_MUTANT'] ?? '{}');

registerHooks({
  load(asked, context, next) {
    if (asked !== url) return next(asked, context);
    const text = readFileSync(new URL(url), 'utf8');
    const source = stripTypeScriptTypes(text.slice(0, start) + replacement + text.slice(end));
    return { format: 'module', source, shortCircuit: true };
  },
});
