/**
 * Where a person can be found: mail, network and postal addresses, and the date they were born.
 *
 * @module
 */
import { entry } from './pattern.ts';
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
  String.raw`\bdob\b|\bd\.o\.b\.?|\bdate of birth\b|\bborn(?: on)?\b|\bbirth ?date\b|\bbirthday\b|\bbirth\b`,
  String.raw`\bgeb(?:oren|\.)?(?: am)?\b|\bgeburtsdatum\b|\bgeburtstag\b|\bgeboren op\b|\bgeboortedatum\b`,
  String.raw`\bn(?:é|ée|e)\(?e?\)? le\b|\bdate de naissance\b|\bnacid[oa] el\b|\bfecha de nacimiento\b|\bnat[oa] il\b|\bdata di nascita\b|\bdata de nascimento\b|\bnascid[oa] (?:em|a)\b`,
  String.raw`\bfödd\b|\bfødt\b|\bsyntynyt\b|\burodzon[ya]\b|дата рождения|родил(?:ся|ась)|生年月日|出生日期|出生|생년월일`,
].join('|');

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
  entry(
    'MAC_ADDRESS',
    /(?<![\w:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])|\b(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}\b/g,
    0.95,
  ),
  entry(
    'IP_ADDRESS',
    /(?<![\d.]|\bv)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\d|\.\d)/g,
    0.92,
    { unless: /\b(?:version|release|build|section|chapter|clause|firmware|schema|v)\s{0,2}$/i },
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
      String.raw`(?:${BORN})["'*\]]{0,3}\s{0,3}(?:is|was|[:=,-])?\s{0,3}(?:on |el |am |le )?["'*]{0,3}(${DATE})`,
      'giu',
    ),
    0.96,
    { group: 1 },
  ),
];
