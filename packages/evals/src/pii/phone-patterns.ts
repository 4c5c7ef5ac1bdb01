/**
 * Telephone numbers in the forms that countries write them.
 *
 * A leading `+`, brackets around an area code or a national mobile form says enough by itself;
 * other groups of digits need a word before them that announces a telephone number, in one of the
 * languages below.
 *
 * @module
 */
import { APART, entry } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

/** Words that announce a number, in the languages they are said in. */
const WORDS = [
  String.raw`phone|telephone|tel|mobile|cell|cellphone|call(?:ed|ing)?|text(?:ed)?|sms|fax|whatsapp|signal|contact|reach(?:ed)?|dial|ring|landline|(?:my|best|office|home|work|direct|her|his|their|our) (?:number|line)`,
  String.raw`telefon\p{L}{0,8}|handy\p{L}{0,7}|rufen|rückruf|anrufen|ruf|erreichbar|mobil\p{L}{0,8}|festnetz|ring|ringe?|når|bel|bellen|soita|puhelin\p{L}{0,8}|numeroon`,
  String.raw`téléphon\p{L}{1,4}|tél|appel(?:ez|er|le)|joindre|portable|fixe|teléfono|tel[eé]f|celular|móvil|fijo|llám\p{L}{1,6}|llam\p{L}{1,6}|cellulare|chiam\p{L}{1,6}|telemóvel|lig(?:ue|ar)|sunați|apelați`,
  String.raw`numer|zadzwoń|dzwonić|komórk\p{L}{1,4}|číslo|volejte|nazovite|pokličite|hívj\p{L}{1,3}|numaram|numarasından|arayın|cep|τηλ\p{L}{0,10}|καλέστε|κινητό|телефон\p{L}{0,5}|тел|позвон\p{L}{1,5}|дзвон\p{L}{1,5}|номер\p{L}{0,3}|звон\p{L}{1,5}`,
  String.raw`hubungi|ponsel|điện thoại|gọi|ტელეფონ\p{L}{0,3}|հեռախոս\p{L}{0,3}|טלפון|נייד|هاتف|تلفن|फ़ोन|फोन|मोबाइल|โทร`,
].join('|');
const ANNOUNCES = String.raw`(?:${APART}(?:${WORDS})(?![\p{L}])|電話|携帯|連絡先|手机|手機|电话|號碼|号码|전화|휴대폰|연락처)`;

/** The word, no other number, then the number itself; or a list of numbers after one word. */
const ANNOUNCED = new RegExp(
  String.raw`${ANNOUNCES}(?:\D|(?<!\d)\d{1,2}(?![\d./-])){0,45}(?:[\d() +./-]{6,24}(?:\s?[,;/|]|\s(?:or|and|oder|und|ou|et|y|e|o|i|eller|og|och|of|en|и|или))\s?)?$`,
  'iu',
);

const EXTENSION = String.raw`(?:\s?(?:x|ext\.?|extension|poste|#)\s?\d{1,6})?`;
const END = String.raw`(?![\d])(?!-\d)(?!,\d{3}[.,]\d)(?![A-Za-z])`;

function phone(
  source: string,
  confidence: number,
  extra: Parameters<typeof entry>[3] = {},
): PiiPattern {
  return entry('PHONE', new RegExp(source, 'g'), confidence, { check: isNumber, ...extra });
}

export const PHONE_PATTERNS: readonly PiiPattern[] = [
  // International: +CC and groups, a national zero in brackets allowed.
  phone(
    String.raw`(?<![\w.])\(?\+\d{1,3}\)?[ .-]?(?:\(0\)[ .-]?)?(?:\(?\d{1,5}\)?[ ./-]{0,2}){2,6}(?<=\d)${EXTENSION}${END}`,
    0.96,
  ),
  phone(
    String.raw`(?<![\w.-])00[1-9]\d{0,2}[ .-]?(?:\(0\)[ .-]?)?(?:\(?\d{1,5}\)?[ ./-]?){2,6}(?<=\d)${EXTENSION}${END}`,
    0.86,
  ),
  // North America.
  phone(
    String.raw`(?<![\w.-])(?<!\d )(?:\+?1[ .-]?)?\(\d{3}\) ?\d{3}[ .-]?\d{4}${EXTENSION}${END}`,
    0.95,
  ),
  phone(
    String.raw`(?<![\w.-])(?<!\d )(?:\+?1[ .-]|001[ .-])?\d{3}([ .-])\d{3}\1\d{4}${EXTENSION}${END}`,
    0.9,
  ),
  phone(
    String.raw`(?<![\w.-])1?[2-9]\d{2}[ .-]?[2-9]\d{2}[ .-]?\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})${END}`,
    0.9,
  ),
  // An area code in brackets, anywhere.
  phone(
    String.raw`(?<![\w.-])\(0?\d{2,5}\)[ .-]?\d{2,5}(?:[ .-]?\d{2,5}){1,3}${EXTENSION}${END}`,
    0.88,
  ),
  // A national zero and groups.
  phone(
    String.raw`(?<![\w.:/-])0[1-9]\d{0,3}[ ./-]\d{2,8}(?:[ .-]\d{2,4}){0,4}${EXTENSION}${END}`,
    0.8,
  ),
  // Hungary: the trunk code 06, in brackets or not, and a slash.
  phone(String.raw`(?<![\w.:/-])\(?06\)?[- ]?\d{1,2}\/\d{3}[ -]\d{3,4}${END}`, 0.9),
  // Mobile forms that are fixed by law: China, Korea and Japan, France, Brazil, Russia.
  phone(String.raw`(?<![\w.-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}${END}(?![A-Za-z])`, 0.78),
  phone(String.raw`(?<![\w.-])0[1-9](?:[ .-]?\d{2}){4}${END}`, 0.8),
  phone(String.raw`(?<![\w.-])8[ -]?\(?[3489]\d{2}\)?[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}${END}`, 0.9),
  phone(String.raw`(?<![\w.-])[6-9]\d{4}[ -]\d{5}${END}`, 0.75),
  // Any other grouping, when a word before it announces it.
  phone(
    String.raw`(?<![\w.-])\(?\d{1,5}\)?(?:[ ./-]{0,2}\(?\d{1,5}\)?){1,6}${EXTENSION}${END}`,
    0.915,
    {
      context: ANNOUNCED,
      unless:
        /\b(?:card|account|iban|ssn|sin|social (?:insurance|security)|national|tax|passport|orders?|invoice|ticket|case|license|policy|ip|version|id|iban)\b[^.]{0,30}$|(?:订单|訂單|注文|주문)[^.]{0,12}$/i,
    },
  ),
];

function isNumber(value: string): boolean {
  const digits = value.replace(/(?:x|ext|poste|#).*$/i, '').replaceAll(/\D/g, '').length;
  return digits >= 7 && digits <= 15 && !isOther(value);
}

/** Dates and times that stand where a number might. */
function isOther(value: string): boolean {
  return /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{3}-\d{2}-\d{4})$/.test(
    value.trim(),
  );
}
