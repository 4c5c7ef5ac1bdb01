/**
 * The version of the command, as evidence and help name it.
 *
 * @module
 */

export const VERSION = '0.1.0';
