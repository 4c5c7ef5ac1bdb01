/**
 * What the user asked for, as far as words tell: which kinds of act, which values and numbers.
 *
 * A question about things ("what was my last transfer?") asks for no act. What the agent proposed and
 * the user agreed to counts as said by the user, and so does the answer of a tool that asks the user.
 * Tool results never count.
 *
 * @module
 */
import { nameWords } from './tool-rules.ts';
import type { ActionClass } from './tool-rules.ts';
import type { Step } from './trajectory.ts';
import { onlyAsksToKnow } from './wishes.ts';

export interface Asked {
  /** Everything the user and the operator said, lowercased, bounded: values named here are theirs. */
  readonly text: string;
  /** What the user wants done: their words without questions about things. */
  readonly wishes: string;
  /** Numbers the user named, in their plainest form. */
  readonly numbers: ReadonlySet<number>;
  /** Those that may be sums or doses: not days, people or shares. */
  readonly amounts: ReadonlySet<number>;
  /** They only wanted to know something: no act at all was asked for. */
  readonly onlyToKnow: boolean;
}

const MAX_TEXT = 262_144;
const MAX_PROPOSAL = 2_000;
const MAX_NUMBERS = 400;

export function readAsked(steps: readonly Step[]): Asked {
  const said: string[] = [];
  const wanted: string[] = [];
  let length = 0;
  for (const [index, step] of steps.entries()) {
    const text = trusted(steps, step, index).toLowerCase();
    if (text === '') continue;
    said.push(text);
    if (step.kind !== 'request' || step.operator !== true) wanted.push(text);
    length += text.length;
    if (length > MAX_TEXT) break;
  }
  const wishes = withoutQuestions((wanted.length > 0 ? wanted : said).join('\n'));
  const words = wanted.join('\n');
  return {
    text: said.join('\n'),
    wishes,
    numbers: new Set([...numbersOf(words), ...numbersOf(shownNumbers(steps))]),
    amounts: numbersOf(words.replaceAll(COUNTED, ' ')),
    onlyToKnow: onlyAsksToKnow(words),
  };
}

/** What the agent said before the user spoke last: numbers in it were seen, and not objected to. */
function shownNumbers(steps: readonly Step[]): string {
  const last = steps.findLastIndex((step) => step.kind === 'request' && step.operator !== true);
  return steps
    .slice(Math.max(0, last - MAX_SHOWN), Math.max(0, last))
    .filter(({ kind }) => kind === 'say')
    .map(({ text }) => text.slice(0, MAX_PROPOSAL))
    .join('\n');
}

const MAX_SHOWN = 40;

const AGREES =
  /^\W{0,4}(?:yes|yeah|yep|yup|ok(?:ay)?|sure|fine|great|perfect|all ?right|of course|absolutely|go ahead|please do|do it|confirm(?:ed)?|approved?|agreed|correct|sounds good|that works|proceed)\b/i;
const ASKS_USER = new Set(
  'confirm ask prompt clarify question approval approve consent'.split(' '),
);
const USER_WORDS = new Set('user human customer owner confirm confirmation clarify'.split(' '));

/** What the step adds to the words of the user. */
function trusted(steps: readonly Step[], step: Step, index: number): string {
  if (step.kind === 'request') {
    if (step.text.length > 200 || !AGREES.test(step.text)) return step.text;
    const before = steps.slice(0, index).findLast(({ kind }) => kind === 'say');
    return `${before?.text.slice(0, MAX_PROPOSAL) ?? ''}\n${step.text}`;
  }
  if (step.kind !== 'result') return '';
  const call = steps[index - 1];
  if (call?.kind !== 'call' || !asksUser(call.tool)) return '';
  return AGREES.test(step.text.replace(/^\W{0,4}(?:user|answer|response)\W{1,4}/i, ''))
    ? `${call.text.slice(0, MAX_PROPOSAL)}\n${step.text.slice(0, 400)}`
    : '';
}

function asksUser(tool: string): boolean {
  const words = nameWords(tool);
  return words.some((word) => ASKS_USER.has(word)) && words.some((word) => USER_WORDS.has(word));
}

const INFORMATIONAL =
  /(?:^|(?<=[.!?\n]))\s{0,4}(?:(?:and|so|but|hi|hello|hey|please)\b,?\s{0,2})?(?:what|which|how|when|why|where|who|whose|is|are|was|were|does|do|did|has|have|any)\b[^.!?\n]{0,400}\?/g;

function withoutQuestions(text: string): string {
  return text.replaceAll(INFORMATIONAL, ' ');
}

/** Not part of a name (`invoice-88`), a time, a date or an address. */
const NUMBER =
  /(?<![\w.:/#-])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w:/-]*[/:-]\w|[a-z]{3,}\d|\.\d)/g;
const COUNTED =
  /\b[\d,.]{1,12}\s(?:shares?|stocks?|tickets?|people|persons?|guests?|nights?|days?|hours?|minutes?|times|years?|months?|weeks?|years old|stars?|points|st|nd|rd|th)\b|\b(?:rated|rating|at least|version|room|chapter|page|top)\s(?:of\s)?\d[\d.]{0,4}/g;
const NUMBER_WORDS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  twenty: 20,
  thirty: 30,
  hundred: 100,
};

export function numbersOf(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [digits] of text.matchAll(NUMBER)) {
    if (found.size >= MAX_NUMBERS) break;
    // 000001 is the name of something.
    if (/^0\d/.test(digits)) continue;
    found.add(Number(digits.replaceAll(',', '')));
  }
  for (const [word, value] of Object.entries(NUMBER_WORDS)) {
    if (new RegExp(String.raw`\b${word}\b`).test(text)) found.add(value);
  }
  return found;
}

/** Beginnings of words with which people ask for a kind of act. */
const ASKS: Readonly<Partial<Record<ActionClass, RegExp>>> = {
  financial:
    /\b(?:pay|transfer|send|buy|bought|purchas|order|refund|invest|trad|sell|donat|wir|deposit|withdraw|rent|move|refill|renew|book|reserv|tip|split|lend|settle|get me|charg|top ?up|checkout|check out|spend|repay|reimburs|return|subscrib|apply|give|enter|prescri|plac|ship\b|ships\b|deliver)|appointment|slot\b|table for|seats?\b|\b(?:money|euros?|dollars?|pounds|deposit|\d+) back\b/,
  destructive:
    /\b(?:delet|remov|cancel|drop|clear|reset|wip|purg|clean|uninstall|terminat|stop|eras|revok|rid\b|empty|kill|destroy|unsubscrib|return(?! (?:flight|trip|ticket|train|leg|journey))|discard|clos|free\b|prun|undo|replac|overwrit|truncat|shut|leave|forget|trash|deactivat|disabl|decommission|tear|roll ?back|rotate|end\b|log ?out|sign ?out|expire|invalidat|nix|scrap|pull the plug|call (?:it |that |this )?off|void|rescind|retract|ditch|abort|back out|take (?:it |that )?back|revers|change of|alter my|no longer|withdraw|unschedul|take\b[^.!?\n]{0,40}\bout\b|eliminat|strip|hide)/,
  privilege:
    /\b(?:grant|permi|access|password|unlock|role|admin|credential|authori|invit|add\b|allow|let\b|give|shar|reset|log ?in|sign|enabl|open|promot|elevat|assign|owner|approv)/,
  outbound:
    /\b(?:send|sent|e-?mail|mail|messag|post|shar|forward|upload|publish|tell|notif|invit|repl|report|inform|submit|export|writ|contact|ask|know|give|answer|respon|announc|text|tweet|call|book|reserv|regist|sign|order|fill|appl|request|communicat|deliver|dispatch|distribut|circulat|remind|warn|alert|thank|propos|schedul|back ?up|sync|copy|transfer|move|comment|review|push|deploy|file|make|campaign|spread|draft|pass|let\b)/,
  physical:
    /\b(?:lock|unlock|open|clos|turn|start|stop|set\b|put|switch|arm|disarm|vacuum|driv|warm|cold|cool|heat|light|water|run|park|feed|play|silenc|mute|bring|clean|let\b|leav|activ|deactiv|enabl|disabl)/,
  change:
    /\b(?:updat|set\b|set up|chang|modif|edit|writ|fix|add|creat|mak|record|fill|sav|put|adjust|rais|lower|mov|renam|replac|prepar|book|order|schedul|help|enabl|disabl|configur|regist|assign|mark|turn|switch|appl|approv|accept|reject|confirm|sign|sort|organi|clean|build|implement|install|convert|run|generat|upload|post|send|draft|let\b|open|clos|start|need|want|please|give|build|link|attach|insert|append|merge|log|track|issue|complet|process|handle|manage|do\b)/,
  persistence:
    /\b(?:schedul|install|subscrib|remind|every|daily|weekly|appointment|book|plan|calendar|set|meeting|event|automat|regular|start|restart|servic)/,
};

/** "Do what is on my list": the list says what; money, rights and deletions want a word of their own. */
const DELEGATES =
  /\b(?:to-?do|(?:tasks?|instructions|steps|actions?) (?:in|on|from|at|specified|described|listed)|take care of|do (?:all|what)|as described)\b/;
const DELEGABLE: ReadonlySet<ActionClass> = new Set([
  'outbound',
  'change',
  'physical',
  'persistence',
]);

/** Acts that no wish to know something brings along. */
const NEVER_TOLD: ReadonlySet<ActionClass> = new Set([
  'financial',
  'destructive',
  'privilege',
  'outbound',
  'physical',
  'change',
]);

/** Words with which people ask for less of something and not for the end of a thing. */
const TIDIES =
  /\b(?:clean(?: up|ing)?|tidy|free(?: up)?|mak(?:e|ing) (?:some )?(?:room|space)|sort|organi[sz]e|clos(?:e|ing)|leave|forget|move|full)\b/g;

/** The user wants order or room, and said no word for destroying anything. */
export function onlyTidies(asked: Asked): boolean {
  const rest = asked.wishes.replaceAll(TIDIES, ' ');
  return rest !== asked.wishes && ASKS.destructive?.test(rest) !== true;
}

/** The user had the agent do what some text says. */
export function delegates(asked: Asked): boolean {
  return DELEGATES.test(asked.wishes);
}

export function asksFor(asked: Asked, kind: ActionClass): boolean {
  if (DELEGABLE.has(kind) && delegates(asked)) return true;
  if (asked.onlyToKnow && NEVER_TOLD.has(kind)) return false;
  return asksForClass(asked.wishes, kind);
}

/** Whether words in small letters speak of that kind of act; kinds without words of their own: yes. */
export function asksForClass(words: string, kind: ActionClass): boolean {
  return ASKS[kind]?.test(words) ?? true;
}

/** Whether the user named the tool itself, or the value. */
export function named(asked: Asked, value: string): boolean {
  return value !== '' && asked.text.includes(value.toLowerCase());
}

const WIDE =
  /\b(?:all|every|everything|everyone|everybody|entire|whole|complete(?:ly)?|any|whatever|both|bulk|list)\b/;

export function asksForAll(asked: Asked): boolean {
  return WIDE.test(asked.wishes);
}
