/**
 * National identifiers by the names that people give them, in many languages.
 *
 * A label decides where form and check digits do not: numbers of eleven digits look alike, and one
 * that was copied wrongly still names a person. Acronyms that are ordinary words somewhere ("ein",
 * "nie", "run") count in capitals only.
 *
 * @module
 */
import { labelled } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

const NAMES: readonly string[] = [
  // English
  'national (?:id|identity|identification|insurance)(?: card)?|(?:citizen|resident|voter|identity|id) card|(?:citizen|resident|voter|tax|taxpayer|personal)(?:ship)? (?:id|identity|identification)|nino|social insurance|tax file|emirates id|iqama',
  // German, Dutch, Scandinavian, Finnish
  'steuer ?id|steuer(?:liche)? ?identifikations|idnr|personalausweis|rentenversicherungs|sozialversicherungs|sv-?(?=n)|svnr|ahv|burgerservice|bsn|rijksregister|insz|niss|person(?=n)|personnr|personnummer|samordnings|fødsels|fnr|cpr|henkilötunnus|hetu|sotu|kennitala',
  // French, Spanish, Portuguese, Italian, Romanian
  'sécurité sociale|securite sociale|sécu|insee|avs|registre national|numéro national|codice fiscale|c\\.f\\.|carta d.identità|dni|curp|nss|seguridad social|seguro social|cédula(?: de (?:ciudadanía|identidad))?|cpf|cartão de cidadão|contribuinte|cnp|cod numeric personal',
  // Central and Eastern Europe, Baltic, Turkey
  'pesel|dow[oó]d osobisty|rodné číslo|r\\.č\\.|oib|emšo|jmbg|embg|ембг|јмбг|егн|isikukood|personas kods|asmens kodas|személyi(?: szám)?|taj(?: szám)?|αφμ|αμκα|αδτ|t\\.? ?c\\.? kimlik(?: no| numarası)?|kimlik(?: no| numarası)?|іпн|рнокпп|инн|снилс',
  // Asia, Middle East
  'teudat zehut|תעודת זהות|ת\\.ז\\.?|주민등록번호|주민번호|외국인등록번호|身份证(?:号码|号)?|身分證(?:字號|號碼|號)?|マイナンバー|個人番号|เลขประจำตัวประชาชน|บัตรประชาชน|nric|mykad|nik|ktp|cccd|cmnd|căn cước|cnic|aadhaar|aadhar|sss|umid|philsys',
];

const CAPITALS = 'NIE|NIF|NIT|NIR|RUT|RUN|TIN|EIN|SIN|NIN|BVN|PAN|NI|CF|CIF|RG|IC|CI|UID|ITIN|ATIN';

/** Groups of capitals and digits; after a blank only a group with a digit, or a last letter. */
const VALUE = String.raw`[A-Z0-9]{1,18}(?:[ ./-](?=[A-Z]{0,3}\d)[A-Z0-9]{1,12}){0,6}(?:[ -]?[A-Z](?![\p{L}\d]))?(?![\p{Ll}\d])`;

export const LABELLED_IDS: readonly PiiPattern[] = [
  labelled('NATIONAL_ID', NAMES.join('|'), VALUE, { confidence: 0.96, check: isIdentifier }),
  labelled('NATIONAL_ID', CAPITALS, VALUE, {
    confidence: 0.955,
    check: isIdentifier,
    capitals: true,
  }),
];

/** Five digits or more; a date of eight is none, nor is a year with a month. */
function isIdentifier(value: string): boolean {
  const digits = value.match(/\d/g)?.length ?? 0;
  return (
    digits >= 5 &&
    digits <= 20 &&
    !/^(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4})$/.test(value)
  );
}
