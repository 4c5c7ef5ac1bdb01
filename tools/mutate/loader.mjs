/**
 * Preloaded into a test process: gives one module with one place replaced, and says at the end how
 * much CPU time was used.
 *
 * @module
 */
import { readFileSync, writeSync } from 'node:fs';
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

// What a test starts may be read by it: only the test process itself says more than it is asked.
if (process.execArgv.includes('--test')) process.on('exit', sayCpuTime);

function sayCpuTime() {
  const { user, system } = process.cpuUsage();
  writeSync(1, `# cpu-seconds ${(user + system) / 1e6}\n`);
}
