/**
 * Names of people, from how they are introduced: a title, a label, a signature, a greeting, or a
 * given name followed by a capitalised word; and family names that stand alone once the whole name
 * has been said.
 *
 * Beside the tagger, which reads running text: these forms are precise on their own. The list of
 * given names is short, international and hand-made; the tagger has the long ones.
 *
 * @module
 */

const GIVEN =
  'aaron abigail adam adrian ahmed aisha alan albert alejandro alex alexander alexandra alexis ali alice alicia alison amanda amber amelia amit amy ana anders andre andrea andreas andrew angela anita ann anna anne anthony antonio anya arjun arthur ashley astrid barbara beatrice ben benjamin bernard beth betty bill bob bradley brandon brenda brian bruce bryan camila carl carla carlos carmen carol caroline catherine cecilia charles charlotte chen chloe chris christian christina christine christopher claire clara claudia connor craig cynthia daniel daniela danielle david deborah denise dennis derek diana diane diego dmitri dominic donald donna dorothy douglas dylan edward eduardo elena eleanor elias elizabeth ella ellen emily emma emmanuel eric erica erik erin ernest ethan eugene eva evelyn fatima felix fernando fiona frances francesca francis francisco frank fred gabriel gary george gerald giovanni gloria grace greg gregory hannah harold harry hassan heather hector heidi helen henry hiroshi howard hugo ian ibrahim ines ingrid irene isaac isabel isabella ivan jack jacob jacqueline james jamie jane janet janice jason javier jean jeff jeffrey jennifer jeremy jerry jesse jessica jim joan joanna joe john johnny jonathan jordan jorge jose joseph joshua joyce juan judith judy julia julian julie justin karen karl kate katherine kathleen katie keith kelly ken kenneth kevin khalid kim kimberly kyle lars laura lauren laurence lawrence lee leila leo leon leonard leslie lily linda lisa liu logan louis louise lucas lucia lucy luis luke lydia madison manuel marco margaret maria marie marilyn mario mark marta martha martin mary mateo matthew maya megan mehmet mei melissa michael michelle miguel mike mohamed mohammed monica muhammad nadia nancy natalie natasha nathan neil nicholas nicole nina noah nora norman oliver olivia omar oscar pablo pamela patricia patrick paul paula pedro peter petra philip phillip pierre priya rachel rafael rahul raj ralph raymond rebecca ricardo richard rita robert roberto robin roger ronald rosa rose roy russell ruth ryan samantha samuel sandra sanjay sara sarah scott sean sebastian sergei shannon sharon shirley simon sofia sophia sophie stanley stefan stephanie stephen steve steven stuart sunita susan svetlana sylvia tamara tanya tara teresa theodore theresa thomas tiffany tim timothy todd tom tomas tony tracy travis tyler valerie vanessa vera veronica victor victoria vincent virginia vladimir walter wayne wei wendy william willie xavier yan yasmin yolanda yuki yusuf zachary zoe';

const NAMES: ReadonlySet<string> = new Set(GIVEN.split(' '));

/** Given names that are also ordinary words: alone they say nothing. */
const AMBIGUOUS: ReadonlySet<string> = new Set([
  'rose',
  'grace',
  'lily',
  'mark',
  'bill',
  'jack',
  'jordan',
  'virginia',
  'madison',
  'amber',
  'frank',
  'leo',
  'lee',
  'jean',
  'victor',
  'victoria',
  'robin',
  'tara',
  'vera',
  'logan',
  'kelly',
  'dylan',
  'chen',
  'may',
  'will',
  'rita',
  'gloria',
  'zoe',
]);

export interface NameSpan {
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
}

const WORD = String.raw`\p{Lu}[\p{Ll}\p{M}]{1,20}(?:\p{Lu}[\p{Ll}\p{M}]{1,20})?(?:['’-]\p{Lu}?[\p{Ll}\p{M}]{1,20})?\d{0,4}`;
const FULL = String.raw`${WORD}(?:\s(?:\p{Lu}\.|${WORD}|de|la|van|der|von|bin|al)){0,3}`;

const TITLED = new RegExp(
  String.raw`\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Herr|Frau|Mme|Sr|Sra|Sir|Madam|Mx)\.?\s(${FULL})`,
  'gu',
);
const LABELLED = new RegExp(
  String.raw`\b(?:(?:[Nn]ame|[Pp]atient|[Cc]ustomer|[Cc]lient|[Ee]mployee|[Cc]ontact|[Pp]rovider|[Ss]igned|[Bb]eneficiary|[Rr]ecipient|[Cc]ardholder|[Aa]pplicant|[Aa]ccount [Hh]older)(?:\s(?:by|name))?(?:\s?[:=-]|\s(?:is|was))|named|called|[Pp]atient)\s(${FULL})`,
  'gu',
);
const SPOKEN = new RegExp(
  String.raw`\b(?:[Mm]y name is|I am|I'm|[Tt]his is|[Mm]y name's|[Rr]egards,|[Ss]incerely,|[Cc]heers,|[Bb]est,|[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|[Tt]hanks,)\s+(${FULL})`,
  'gu',
);
const CAPITALISED = new RegExp(String.raw`(?<![\p{L}\d@#])${WORD}`, 'gu');
const FULL_NAME = new RegExp(FULL, 'uy');

const NOT_NAMES =
  /^(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|The|This|That|Sir|Madam|There|Team|All|Everyone|Customer|Support|Service|Not|So|Just|Very|Sorry|Happy|Here|Looking|Going|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October|November|December|Number|Date|Address|Email|Phone|Street|Gender|Male|Female|Clinical|Note|Encounter|General|Unknown|None|English|Medical|Center|Hospital|Of|In|On|At|And|Or|For|To|Is|Was|Information|Details|Name|ID|Status|United|States)$/;

const CONTEXTUAL: readonly (readonly [RegExp, number])[] = [
  [TITLED, 0.95],
  [LABELLED, 0.75],
  [SPOKEN, 0.6],
];

export function findNames(text: string): readonly NameSpan[] {
  return [...introducedNames(text), ...givenNames(text)];
}

/** Names that a title, a label or a greeting introduces. */
function* introducedNames(text: string): Generator<NameSpan> {
  for (const [pattern, confidence] of CONTEXTUAL) {
    for (const match of text.matchAll(pattern)) {
      const name = match[1] ?? '';
      const trimmed = trimName(name);
      if (trimmed === '' || (confidence < 0.7 && !startsWithGiven(trimmed))) continue;
      const start = match.index + match[0].length - name.length;
      yield { start, end: start + trimmed.length, confidence };
    }
  }
}

/** Names that begin with a known given name. */
function* givenNames(text: string): Generator<NameSpan> {
  for (const match of text.matchAll(CAPITALISED)) {
    if (!startsWithGiven(match[0])) continue;
    FULL_NAME.lastIndex = match.index;
    const trimmed = trimName(FULL_NAME.exec(text)?.[0] ?? match[0]);
    const alone = !/\s/.test(trimmed);
    if (trimmed === '' || (alone && AMBIGUOUS.has(base(trimmed)))) continue;
    const confidence = alone ? 0.6 : 0.85;
    yield { start: match.index, end: match.index + trimmed.length, confidence };
  }
}

/** Drops words from the end that are no names; empty when the first one is none. */
function trimName(name: string): string {
  const parts = name.split(' ');
  const kept: string[] = [];
  for (const part of parts) {
    if (NOT_NAMES.test(part)) break;
    kept.push(part);
  }
  while (/^(?:de|la|van|der|von|bin|al)$/.test(kept.at(-1) ?? '')) kept.pop();
  return kept.join(' ');
}

function startsWithGiven(name: string): boolean {
  return NAMES.has(base(name.split(' ')[0] ?? ''));
}

function base(word: string): string {
  return word.toLowerCase().replaceAll(/\d+$/g, '');
}

const SURE = 0.8;
const REPEATED = 0.7;
const MAX_REPEATED = 64;
const LAST_WORD = /(?<=\s)\p{Lu}[\p{L}\p{M}'’-]{2,30}$/u;

/** The last words of full names, wherever else they stand alone. */
export function repeatedNames(text: string, names: readonly NameSpan[]): readonly NameSpan[] {
  const last = new Set<string>();
  for (const { start, end, confidence } of names) {
    if (confidence < SURE || last.size >= MAX_REPEATED) continue;
    const word = LAST_WORD.exec(text.slice(start, end))?.[0];
    if (word !== undefined && !NOT_NAMES.test(word)) last.add(word);
  }
  if (last.size === 0) return [];
  return Array.from(text.matchAll(/(?<![\p{L}\p{N}@#])\p{Lu}[\p{L}\p{M}'’-]{2,30}/gu), (match) => {
    const word = match[0].replace(/['’]s$/, '');
    return { word, start: match.index, end: match.index + word.length, confidence: REPEATED };
  }).filter(({ word }) => last.has(word));
}
