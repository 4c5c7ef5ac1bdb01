/**
 * Telephone numbers in the forms that countries write them.
 *
 * A leading `+`, brackets around an area code or a national mobile form says enough by itself;
 * other groups of digits need a word before them that announces a telephone number, in one of the
 * languages below.
 *
 * @module
 */
import { entry } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

const ANNOUNCES =
  /\b(?:phone|telephone|tel|mobile|cell|cellphone|call(?:ed|ing)?|text(?:ed)?|sms|fax|whatsapp|contact|reach(?:ed)?|dial|ring|my number|telefon(?:nummer|o|en|nummeret|numret)?|handy|rufen|rückruf|anrufen|téléphone|tél|appel(?:ez|er|le)|portable|teléfono|celular|móvil|llám\w+|llam\w+|cellulare|chiam\w+|telefone|telemóvel|lig(?:ue|ar)|telefoonnummer|mobiel|bel(?:len)?|ring(?:a)?|mobil|puhelin\w*|soita|numer|zadzwoń|komórk\w+|číslo|volejte|telefonul?|sunați|numaram|arayın|cep)(?![\p{L}])|телефон|позвон|номер|звон|電話|携帯|手机|手機|电话|號碼|号码|전화|휴대폰|연락처|טלפון|נייד|هاتف|फ़ोन|मोबाइल/iu;

const EXTENSION = String.raw`(?:\s?(?:x|ext\.?|extension|poste|#)\s?\d{1,6})?`;
const END = String.raw`(?![\d])(?!-\d)`;

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
  phone(String.raw`(?<![\w.:/-])0\d{1,4}[ ./-]\d{2,8}(?:[ .-]\d{2,4}){0,4}${EXTENSION}${END}`, 0.8),
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
      context: ANNOUNCES,
      unless:
        /\b(?:card|account|iban|ssn|sin|social (?:insurance|security)|national|tax|passport|order|invoice|ticket|case|license|policy|ip|version)\b[^.]{0,30}$/i,
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
