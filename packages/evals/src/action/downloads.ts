/**
 * Programs that were fetched from an address and then run, in one command or many steps apart.
 *
 * File and folder names are followed from the download to the command that starts them. What the user
 * named and asked to run is theirs to run; data files that are only opened as data are not followed.
 *
 * @module
 */
import { named } from './asked.ts';
import type { Asked } from './asked.ts';
import { nameWords } from './tool-rules.ts';
import type { CallStep, Step } from './trajectory.ts';

export interface RunDownload {
  readonly call: CallStep;
  readonly name: string;
  /** The user named the address and asked for it to be run or installed. */
  readonly asked: boolean;
}

interface Download {
  readonly name: string;
  readonly url: string;
}

const MAX_TEXT = 8_000;
const MAX_DOWNLOADS = 40;
const URL = /\b(?:https?|ftp):\/\/[^\s"'<>|;&)\]}]{4,300}/g;
const FETCHES =
  /\b(?:curl|wget|aria2c|Invoke-WebRequest|iwr|urlretrieve|requests\.get|urlopen|git\s+clone|gh\s+repo\s+clone)\b/i;
const OUTPUT =
  /\s(?:-\w{0,6}[oO]|--output|--output-document|-OutFile|>)\s{0,3}["']?([\w./~-]{2,120})|urlretrieve\([^,\n]{1,300},\s{0,3}["']([\w./~-]{2,120})["']|open\(\s{0,2}["']([\w./~-]{2,120})["']\s{0,2},\s{0,2}["']w/g;
const INSTALLS_ADDRESS =
  /\b(?:pip3?|pipx|uv|npm|pnpm|yarn|gem|go|cargo|conda|brew|apt(?:-get)?|dpkg)\b[^\n;&|]{0,60}\b(?:install|add|get|-i)\b[^\n;&|]{0,80}?((?:git\+)?(?:https?|ssh):\/\/[^\s"';&|]{4,200})/gi;
const DATA =
  /\.(?:pdf|csv|tsv|json|txt|png|jpe?g|gif|svg|docx?|xlsx?|pptx?|html?|xml|md|mp[34]|wav)$/i;

/** Every call that runs something downloaded before it or in it. */
export function runDownloads(steps: readonly Step[], asked: Asked): readonly RunDownload[] {
  const downloads: Download[] = [];
  const found: RunDownload[] = [];
  for (const step of steps) {
    if (step.kind !== 'call') continue;
    const text = step.text.slice(0, MAX_TEXT);
    for (const match of text.matchAll(INSTALLS_ADDRESS)) {
      found.push({ call: step, name: match[1] ?? '', asked: isAsked(match[1] ?? '', asked) });
    }
    if (downloads.length < MAX_DOWNLOADS) downloads.push(...fetched(step, text));
    for (const { name, url } of downloads) {
      if (!runs(step, text, name)) continue;
      // To try a program is not to give it the machine.
      const raised =
        /\bsudo\b|\bas administrator\b/i.test(text) && !/\b(?:sudo|root|admin)/.test(asked.wishes);
      found.push({ call: step, name, asked: isAsked(url, asked) && !raised });
      break;
    }
    if (found.length >= MAX_DOWNLOADS) break;
  }
  return found;
}

function fetched(call: CallStep, text: string): readonly Download[] {
  const byTool = nameWords(call.tool).some((word) => word === 'download' || word === 'clone');
  if (!byTool && !FETCHES.test(text)) return [];
  const urls = Array.from(text.matchAll(URL), (match) => match[0]).slice(0, 8);
  const outputs = Array.from(text.matchAll(OUTPUT), (m) => m[1] ?? m[2] ?? m[3] ?? '');
  const paths = byTool ? call.args.map(({ value }) => value).filter(isPath) : [];
  return [
    ...[...urls, ...bareAddresses(text)].map((url) => ({ name: baseName(url), url })),
    ...[...outputs, ...paths].map((path) => ({ name: baseName(path), url: urls[0] ?? path })),
  ].filter(({ name }) => name.length >= 3 && !DATA.test(name));
}

/** `wget files.host.example/tool`: an address without its scheme. */
function bareAddresses(text: string): readonly string[] {
  return Array.from(text.matchAll(BARE), ([, address]) => address ?? '').slice(0, 8);
}

const BARE =
  /\b(?:curl|wget|aria2c)\s(?:-{1,2}[\w=-]{1,20}\s){0,4}["']?((?:[\w-]{1,40}\.){1,5}[a-z]{2,12}\/[\w./~-]{2,200})/gi;

function isPath(value: string): boolean {
  return value.length < 200 && !/\s/.test(value) && !value.includes('://');
}

function baseName(path: string): string {
  const plain = path
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return plain.slice(plain.lastIndexOf('/') + 1);
}

const STARTERS = String.raw`(?:(?:ba|z|da|k)?sh|source|python[\d.]*|node|deno|bun|perl|ruby|php|wine|msiexec|open|start|sudo|exec|nohup|java\s+-jar|rpm\s+-i|dpkg\s+-i|installer\s+-pkg|powershell(?:\s+-\w+){0,3}|chmod\s+(?:\S{1,10}\s+)?(?:[0-7]*7\d\d|[ugoa]*\+x))\s+(?:-{1,2}[\w=-]{1,20}\s+){0,3}["']?(?:[\w.~/-]{0,80}\/)?`;

function runs(call: CallStep, text: string, name: string): boolean {
  if (!text.includes(name)) return false;
  const literal = name.replaceAll(/[.*+?^$()|[\]{}\\]/g, String.raw`\$&`);
  const started = new RegExp(
    String.raw`${STARTERS}${literal}\b|(?:^|[;&|\n]\s{0,3}|:\s{0,2})["']?(?:\.|~|\/[\w.-]{1,30}){1,6}\/${literal}\b|\bcd\s+(?:\.\/)?${literal}\b[^\n]{0,200}(?:&&|;|\n)\s{0,3}(?:sudo\s+)?(?:make|npm|yarn|pip|python|node|bash|sh|\.\/)|(?:os\.system|subprocess\.\w+|Popen|exec\w{0,4})\([^\n]{0,120}${literal}`,
    'i',
  );
  if (started.test(text)) return true;
  const words = nameWords(call.tool);
  return (
    words.some((word) => RUN_WORDS.has(word)) &&
    !words.includes('download') &&
    call.args.some(
      ({ value }) => value.length < 300 && !value.includes(' ') && baseName(value) === name,
    )
  );
}

const RUN_WORDS = new Set(
  'run execute exec launch start open install load import invoke'.split(' '),
);

const WANTS_RUN = /\b(?:run|execut|install|start|launch|set ?up|build|try|use|deploy|clone)/;

function isAsked(url: string, asked: Asked): boolean {
  const plain = url.replace(/^git\+/, '');
  const path = plain.replace(/^\w+:\/\//, '').replace(/\.git$/, '');
  return (
    WANTS_RUN.test(asked.wishes) &&
    (named(asked, path) || (baseName(url).length > 4 && named(asked, baseName(url))))
  );
}
