/**
 * Puts the page's modules, style and markup into one HTML file whose content security policy allows
 * exactly them: no other script, no connection.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';

/** In the order of their imports: together they are one script. */
const MODULES = ['bytes', 'envelope', 'log-proof', 'body', 'verify', 'page'];

/** The whole page. Same sources, same bytes. */
export function buildReceiptPage(): string {
  const script = `'use strict';\n(() => {\n${MODULES.map(moduleBody).join('\n')}\n})();`;
  const style = read('page.css');
  return read('page.html')
    .replace('SCRIPT_HASH', () => hashSource(script))
    .replace('STYLE_HASH', () => hashSource(style))
    .replace(/<style>\s*STYLE\s*<\/style>/, () => `<style>${style}</style>`)
    .replace(/<script>\s*SCRIPT;?\s*<\/script>/, () => `<script>${script}</script>`);
}

/** A module's code without types, imports and exports; the modules share no top-level names. */
function moduleBody(name: string): string {
  const stripped = stripTypeScriptTypes(read(`${name}.ts`), { mode: 'strip' });
  return stripped
    .replace(/^import [\s\S]*?;$/gm, '')
    .replace(/^export /gm, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

function hashSource(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function read(name: string): string {
  return readFileSync(path.join(import.meta.dirname, name), 'utf8');
}
