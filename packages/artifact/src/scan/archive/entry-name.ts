/**
 * Whether the name of an archive entry stays in the folder it is unpacked to (requirement Z-4).
 *
 * @module
 */

/** What is wrong with the name, or null. */
export function escapes(name: string): string | null {
  if (name.includes('\0')) return 'holds a NUL, which cuts it short for some readers';
  if (name.startsWith('/') || name.startsWith('\\')) return 'is absolute';
  if (/^[A-Za-z]:/.test(name)) return 'names a drive';
  if (name.includes('\\')) return 'holds a backslash, which is a separator on Windows';
  if (name.split('/').includes('..')) return 'climbs out of the folder with ".."';
  return null;
}

/** Whether a link target leaves the folder of its entry. */
export function linkEscapes(name: string, target: string): boolean {
  if (escapes(target.replaceAll('../', '')) !== null) return true;
  let depth = name.split('/').filter((part) => part !== '' && part !== '.').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
