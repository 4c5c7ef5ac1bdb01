/**
 * The `WWW-Authenticate` header of a registry (RFC 9110 section 11.6.1, distribution token
 * specification). Attacker-controlled.
 *
 * @module
 */

export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string | null };

const MAX_CHARACTERS = 8192;
const PARAMETER = /([a-z]+)="([^"\\]*)"/gy;

/** The first challenge of a known scheme; `null` when there is none. */
export function parseChallenge(header: string | undefined): Challenge | null {
  if (header === undefined || header.length > MAX_CHARACTERS) return null;
  if (/^basic(?:\s|$)/i.test(header)) return { scheme: 'basic' };
  const bearer = /^bearer\s+/i.exec(header);
  if (bearer === null) return null;
  const parameters = readParameters(header.slice(bearer[0].length));
  const realm = parameters.get('realm');
  if (realm === undefined || realm === '') return null;
  return { scheme: 'bearer', realm, service: parameters.get('service') ?? null };
}

/** `name="value"` between commas; stops at the first thing that is neither. */
function readParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  let at = 0;
  for (;;) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (match === null) return parameters;
    const [whole, name = '', value = ''] = match;
    if (!parameters.has(name)) parameters.set(name, value);
    at += whole.length;
    while (text[at] === ',' || text[at] === ' ') at += 1;
  }
}
