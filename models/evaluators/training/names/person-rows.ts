/**
 * Generated texts with names and street addresses whose places are known, in several languages.
 *
 * Texts come from `grammars/people.json`, names and places from `lists.py`. A quarter of all names
 * is kept off the tagger's lists while it is trained, so that it also learns to do without.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expand } from '../grammar.ts';
import type { Grammar, Rng } from '../grammar.ts';

export interface Marked {
  readonly type: 'PERSON' | 'STREET_ADDRESS';
  readonly start: number;
  readonly end: number;
}

export interface Sample {
  readonly text: string;
  readonly spans: readonly Marked[];
}

interface Locale {
  readonly given?: readonly string[];
  readonly last?: readonly string[];
  readonly street?: readonly string[];
  readonly city?: readonly string[];
  readonly code?: readonly string[];
  readonly company?: readonly string[];
}

export interface Lists {
  readonly census: { readonly given: readonly string[]; readonly last: readonly string[] };
  readonly locales: Readonly<Record<string, Locale>>;
}

interface People {
  readonly words: Grammar;
  readonly en: readonly string[];
  readonly none: readonly string[];
  readonly foreign: Readonly<Record<string, readonly string[]>>;
}

export function readLists(file: string): Lists {
  return JSON.parse(readFileSync(file, 'utf8')) as Lists;
}

function readPeople(): People {
  const file = path.join(import.meta.dirname, '../grammars/people.json');
  const { en, none, foreign, ...words } = JSON.parse(readFileSync(file, 'utf8')) as People &
    Record<string, readonly string[]>;
  return { words: words as unknown as Grammar, en, none, foreign };
}

/** Languages whose given name stands after the family name, without a blank. */
const FAMILY_FIRST = new Set(['zh', 'ja', 'ko']);
const LATIN = /^\p{Script=Latin}/u;

interface Source {
  readonly locale: Locale;
  readonly language: string;
}

/** Rows of English texts (names from everywhere, three fifths American), foreign texts, and none. */
export function* personRows(lists: Lists, count: number, random: Rng): Generator<Sample> {
  const people = readPeople();
  const companies = Object.values(lists.locales).flatMap(({ company }) => company ?? []);
  const grammar: Grammar = { ...people.words, company_list: companies.filter(isLatin) };
  const latin = Object.entries(lists.locales).filter(([, l]) => isLatin(l.given?.[0] ?? '1'));
  const english = Object.entries(lists.locales).filter(([name]) => name.startsWith('en'));
  for (let i = 0; i < count; i += 1) {
    const kind = random.next();
    if (kind < 0.55) {
      const pool = random.chance(0.6) ? english : latin;
      const locale = withCensus(random.pick(pool)[1], lists, random);
      yield fill(random.pick(people.en), { locale, language: 'en' }, grammar, random);
    } else if (kind < 0.75) {
      const locale = withCensus(random.pick(latin)[1], lists, random);
      yield fill(random.pick(people.none), { locale, language: 'en' }, grammar, random);
    } else {
      const language = random.pick(Object.keys(people.foreign));
      const names = Object.keys(lists.locales).filter((name) => name.startsWith(language));
      const locale = lists.locales[random.pick(names)] ?? {};
      yield fill(random.pick(people.foreign[language] ?? ['']), { locale, language }, grammar, random);
    }
  }
}

const isLatin = (text: string): boolean => LATIN.test(text);

function withCensus(locale: Locale, lists: Lists, random: Rng): Locale {
  const other = random.pick(
    Object.values(lists.locales).filter(({ street }) => isLatin(street?.[0]?.replace(/^[\d\W]+/, '') ?? '1')),
  );
  return {
    ...other,
    ...(locale.given && random.chance(0.4) ? locale : {}),
    given: locale.given && random.chance(0.5) ? locale.given : lists.census.given,
    last: locale.last && random.chance(0.4) ? locale.last : lists.census.last.slice(0, random.chance(0.6) ? 4000 : 80_000),
  };
}

function fill(template: string, source: Source, grammar: Grammar, random: Rng): Sample {
  const own: Grammar = {
    ...grammar,
    ...(source.locale.city ? { city: [...source.locale.city, ...source.locale.city, 'London', 'Paris', 'Chicago', 'Boston', 'Austin'] } : { city: ['London', 'Paris', 'Houston', 'Lima', 'Delhi', 'Florence', 'Charlotte', 'Washington', 'Lincoln'] }),
    code: source.locale.code ?? ['94110', '10115'],
  };
  const open = expand(template, own, random);
  const spans: Marked[] = [];
  let text = '';
  let copied = 0;
  for (const slot of open.matchAll(/\{(person|given|last|street)(_low|_caps)?\}/g)) {
    text += open.slice(copied, slot.index);
    const value = slotValue(slot[1] ?? '', slot[2] ?? '', source, random);
    const type = slot[1] === 'street' ? 'STREET_ADDRESS' : 'PERSON';
    if (value !== '') spans.push({ type, start: text.length, end: text.length + value.length });
    text += value;
    copied = slot.index + slot[0].length;
  }
  return { text: text + open.slice(copied), spans };
}

function slotValue(slot: string, form: string, { locale, language }: Source, random: Rng): string {
  const given = (): string => random.pick(locale.given ?? ['Ann']);
  const last = (): string => random.pick(locale.last ?? ['Miller']);
  const value =
    slot === 'street'
      ? street(locale, random)
      : slot === 'given'
        ? given()
        : slot === 'last'
          ? last()
          : person(given, last, language, random);
  if (form === '_low') return value.toLowerCase();
  return form === '_caps' || (language === 'en' && random.chance(0.02)) ? value.toUpperCase() : value;
}

function person(given: () => string, last: () => string, language: string, random: Rng): string {
  if (FAMILY_FIRST.has(language)) return last() + given();
  const kind = random.next();
  const initial = String.fromCharCode(65 + random.int(0, 25));
  if (kind < 0.7) return `${given()} ${last()}`;
  if (kind < 0.78) return `${given()} ${initial}. ${last()}`;
  if (kind < 0.82) return `${initial}. ${last()}`;
  if (kind < 0.87) return `${given()} ${last()}-${last()}`;
  if (kind < 0.91) return `${given()} ${given()} ${last()}`;
  if (kind < 0.93) return `${last()}, ${given()}`;
  if (kind < 0.95) return `${given()} ${random.pick(['de', 'van', 'von', 'bin', 'al', 'del', 'O'])} ${last()}`;
  if (kind < 0.97) return `${given()}${random.int(1, 999)} ${last()}${random.int(1, 999)}`;
  return given();
}

const KINDS = 'Street St Avenue Ave Road Rd Lane Ln Drive Dr Court Ct Place Square Terrace Way Boulevard Blvd Parkway Close Crescent Hill Gardens Row Mews Highway Trail Loop Walk Green Park'.split(' ');

function street(locale: Locale, random: Rng): string {
  const known = locale.street;
  if (known !== undefined && random.chance(0.75)) return random.pick(known);
  const name = random.pick(locale.last ?? ['Baker']);
  const base = `${random.int(1, random.chance(0.5) ? 99 : 9999)}${random.chance(0.05) ? 'b' : ''} ${random.pick(['', '', '', 'N. ', 'West ', 'Old '])}${random.pick([name, name, 'High', 'Church', 'Station', 'Oak', 'Maple', '5th', '42nd', 'Mill'])} ${random.pick(KINDS)}`;
  return base + (random.chance(0.25) ? random.pick([', Apt 4B', ' Apt. 12', ', Flat 3', ' #210', ', Unit 7', ', Suite 300', ' Suite 40']) : '');
}
