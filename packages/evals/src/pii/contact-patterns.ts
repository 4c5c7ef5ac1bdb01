/**
 * Where a person can be found: mail, network and postal addresses, and the date they were born.
 *
 * @module
 */
import { APART, entry } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

/** Endings of names that are addresses when they stand alone; file names end otherwise. */
const TLD =
  'com|org|net|edu|gov|mil|info|biz|dev|app|cloud|online|shop|site|store|tech|io|co|ai|eu|uk|de|fr|es|it|nl|be|ch|at|se|no|dk|fi|pl|cz|pt|ie|gr|ru|ua|in|cn|jp|kr|au|nz|ca|us|br|mx|ar|cl|za|tr|il|sg|hk|tw|name|me|tv';

const MONTH = String.raw`(?:\p{Lu}[\p{Ll}.]{2,12})`;
const DATE = [
  String.raw`\d{1,4}[./-]\d{1,2}[./-]\d{1,4}`,
  String.raw`\d{4}年\d{1,2}月\d{1,2}日`,
  String.raw`\d{4}년 ?\d{1,2}월 ?\d{1,2}일`,
  String.raw`\d{1,2}(?:st|nd|rd|th|er|º|\.)?[ -](?:of |de |d')?(?:${MONTH}|[\p{Ll}]{3,12})(?: de)?,?[ -]\d{4}`,
  String.raw`${MONTH} \d{1,2}(?:st|nd|rd|th)?,? \d{4}`,
].join('|');

const BORN = [
  String.raw`dob|d\.o\.b\.?|date[ _-]?of[ _-]?birth|born(?: on)?|birth[ _-]?date|birth[ _-]?day|birth`,
  String.raw`geb(?:oren|\.)?(?: am| op)?|geburtsdatum|geburtstag|geboortedatum`,
  String.raw`née? le|né\(e\) le|date de naissance|nacid[oa] el|nació el|fecha de nacimiento|nat[oa] il|data di nascita|data de nascimento|nascid[oa] (?:em|a)|data nașterii|născut[ăa]?(?: la)?`,
  String.raw`född|fødselsdato|födelsedatum|fødselsdag|født|syntynyt|syntymäaika|urodzon[ya]|data urodzenia|datum narození|narozena?|született|születési (?:idő|dátum)|doğum tarihi|γεννήθηκε(?: στις)?|ημερομηνία γέννησης|дата рождения|родил(?:ся|ась)|дата народження|народи(?:вся|лася)|датум рођења|gimimo data`,
  String.raw`生年月日|出生日期|出生年月日|出生|生日|생년월일|생일|ngày sinh|tanggal lahir|วันเกิด|תאריך לידה|تاريخ الميلاد|जन्म ?तिथि`,
].join('|');

/** Before four numbers with dots that are a version or a section. */
const NO_ADDRESS =
  /(?:\b(?:versions?|version (?:of|is|from)|release|build|section|chapter|clause|firmware|schema|v|ver|upgraded? (?:from|to)|update(?:d)? (?:from|to))\W{0,4}|[A-Za-z]\/|\b(?:npm|pnpm|yarn|pip|i|install|add)\s[\w@/-]{1,40}@)$/i;

export const CONTACT_PATTERNS: readonly PiiPattern[] = [
  entry(
    'EMAIL',
    /(?<![\w.+-])[\w.+][\w.+'-]{0,63}@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g,
    0.99,
  ),
  entry(
    'EMAIL',
    /(?<![\p{L}\w.+-])[\p{L}\p{N}][\p{L}\p{N}.+_-]{0,63}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\w-])/gu,
    0.97,
  ),
  // Written so that collectors do not see it: "jo (at) example dot org".
  entry(
    'EMAIL',
    /(?<![\w.+-])[\w+-](?:[\w.+-]{0,62}[\w+-])?\s?(?:[([{<]\s?at\s?[)\]}>]|[([{<]@[)\]}>])\s?[A-Za-z0-9-]{1,63}(?:\s?(?:[([{<]\s?(?:dot|\.)\s?[)\]}>]|\.|\sdot\s)\s?[A-Za-z0-9-]{1,63}){0,4}?\s?(?:[([{<]\s?(?:dot|\.)\s?[)\]}>]|\.|\sdot\s)\s?[A-Za-z]{2,24}(?![\w-])/gi,
    0.97,
  ),
  entry(
    'EMAIL',
    /(?<![\w.+-])[\w+-](?:[\w.+-]{0,62}[\w+-])? at [A-Za-z0-9-]{1,63}(?: dot [A-Za-z0-9-]{1,63}){0,3}? dot [A-Za-z]{2,24}(?![\w-])/gi,
    0.96,
  ),
  entry(
    'MAC_ADDRESS',
    /(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])|\b(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}\b/g,
    0.95,
  ),
  entry(
    'IP_ADDRESS',
    /(?<![\d.]|\bv)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\d|\.\d)/g,
    0.92,
    { unless: NO_ADDRESS },
  ),
  entry(
    'IP_ADDRESS',
    /(?<![\w:.])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})(?![\w:])/g,
    0.93,
    { check: (value) => value.length >= 6 || /\d/.test(value) },
  ),
  entry('URL', /\b(?:https?|ftp|wss?):\/\/[^\s"'<>()\]{}|\\^`]{3,400}/gi, 0.96),
  entry(
    'URL',
    /(?<![\w@./-])www\.(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}(?:\/[^\s"'<>()\]]{0,300})?/gi,
    0.95,
  ),
  entry(
    'URL',
    new RegExp(
      String.raw`(?<![\w@./-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,5}(?:${TLD})(?::\d{2,5})?(?:\/[^\s"'<>()\]]{0,300})?(?![\w@-]|\.\w)`,
      'g',
    ),
    0.8,
    { check: (value) => value.length >= 6 },
  ),
  entry(
    'DATE_OF_BIRTH',
    new RegExp(
      String.raw`${APART}(?:${BORN})["'*\])>]{0,3}\s{0,3}(?:is|was|ist|est|es|è|é|[:：=,|-])?\s{0,3}(?:on |el |am |le )?["'*]{0,3}(${DATE})`,
      'giu',
    ),
    0.96,
    { group: 1 },
  ),
];
