/**
 * Code with its constants put where they are used, so that `p = "/etc/passwd"; os.remove(p)` reads as
 * what it does.
 *
 * One pass, no evaluation: names given one literal string are replaced as shell variables, in calls,
 * and in joined paths; `/usr/../etc` becomes `/etc`. A name that is built in several steps stays as it
 * is. Bounded: at most `MAX_NAMES` names and `MAX_CODE` characters.
 *
 * @module
 */

const MAX_NAMES = 32;
const MAX_CODE = 65_536;

const LITERAL = /(?<![\w.$])([A-Za-z_]\w{0,40})\s{0,2}=\s{0,2}[rbfu]?(["'])([^"'\n]{1,200})\2/g;
const WRAPPED =
  /(?<![\w.$])([A-Za-z_]\w{0,40})\s{0,2}=\s{0,2}(?:pathlib\.)?Path\(\s{0,2}[rbfu]?(["'])([^"'\n]{1,200})\2\s{0,2}\)/g;
const JOINED =
  /\bos\.path\.join\(\s{0,2}(["'][^"'\n]{1,200}["'](?:\s{0,2},\s{0,2}["'][^"'\n]{1,200}["']){1,4})\s{0,2}\)/g;
const UP = /\/[\w.-]{1,60}\/\.\.(?=\/)/;

/** The unfolded code, or undefined when nothing is there to put anywhere. */
export function unfold(code: string): string | undefined {
  const text = code.slice(0, MAX_CODE);
  const names = constants(text);
  if (names.size === 0) return undefined;
  let unfolded = substitute(text, names);
  unfolded = unfolded.replaceAll(JOINED, (_, parts: string) => {
    const path = parts.split(/["']\s{0,2},\s{0,2}["']/).map((part) => part.replaceAll(/["']/g, ''));
    return `"${path.join('/').replaceAll('//', '/')}"`;
  });
  // Names given to what was joined are found on the second look.
  unfolded = substitute(unfolded, constants(unfolded));
  for (let i = 0; i < 8 && UP.test(unfolded); i += 1) unfolded = unfolded.replace(UP, '');
  return unfolded === code ? undefined : unfolded;
}

function constants(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const pattern of [LITERAL, WRAPPED]) {
    for (const [, name, , value] of text.matchAll(pattern)) {
      if (names.size >= MAX_NAMES) return names;
      if (name !== undefined && value !== undefined) names.set(name, value);
    }
  }
  return names;
}

const SHELL = /(["']?)\$(?:\{([A-Za-z_]\w{0,40})\}|([A-Za-z_]\w{0,40}))/g;
const IN_CALL = /(?<=[(,=@]\s{0,2})([A-Za-z_]\w{0,40})(?=\s{0,2}[,)])/g;
const METHOD =
  /(?<![\w.$])([A-Za-z_]\w{0,40})(?=\.(?:unlink|rmdir|read_text|read_bytes|write_text|write_bytes|open)\()/g;

function substitute(text: string, names: ReadonlyMap<string, string>): string {
  const quoted = (whole: string, name: string): string => {
    const value = names.get(name);
    return value === undefined ? whole : `"${value}"`;
  };
  return text
    .replaceAll(SHELL, (whole, quote: string, braced?: string, bare?: string) => {
      const value = names.get(braced ?? bare ?? '');
      return value === undefined ? whole : quote + value;
    })
    .replaceAll(IN_CALL, quoted)
    .replaceAll(METHOD, (whole, name: string) =>
      names.has(name) ? `Path(${quoted(whole, name)})` : whole,
    );
}
