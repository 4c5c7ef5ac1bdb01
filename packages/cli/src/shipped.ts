/**
 * Where the files are that ship with the command: the shipped model, suites, advisories.
 *
 * @module
 */
import path from 'node:path';

/** The root of the checkout or of the installed package. */
export const SHIPPED: string = path.join(import.meta.dirname, '..', '..', '..');
