/**
 * Span-level precision, recall and F1 of personal data, per type.
 *
 * Sources name types differently and annotate only some of them. Type names are brought to this
 * package's own; a found span counts against precision only when its type is annotated somewhere in
 * the file, because a source that does not annotate addresses says nothing about found addresses.
 * Names that a source annotates word by word are joined where only a blank stands between them.
 * A span matches an annotated one of the same type when they share more than half of the longer
 * of the two (`f1`), and exactly when both ends are equal (`exactF1`).
 *
 * @module
 */
import { isRecord } from '../evaluation.ts';
import type { PiiType } from '../pii/pattern.ts';
import { PII_TYPES } from '../pii/pii.ts';
import type { PiiSpan } from '../pii/pii.ts';
import { refuse } from './labelled-row.ts';
import type { LabelledRow } from './labelled-row.ts';

/** Counts of one row for one type. */
export interface SpanMatch {
  readonly type: string;
  readonly annotated: number;
  readonly found: number;
  readonly matched: number;
  readonly exact: number;
}

export interface TypeFigures {
  readonly annotated: number;
  readonly found: number;
  readonly matched: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly exactF1: number;
}

export interface SpanFigures {
  /** Over all annotated types together. */
  readonly all: TypeFigures;
  /** Over the types that form and check digits decide; null when none is annotated. */
  readonly structured: TypeFigures | null;
  readonly types: Readonly<Record<string, TypeFigures>>;
}

interface Span {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const MAX_SPANS = 10_000;
const MAX_OCCURRENCES = 100;

/**
 * The annotated spans of a row, `[{ value, type, start?, end? }]`. Without offsets every place where
 * the value stands as a whole word is one span.
 *
 * @throws {EvalsError} EVALS_DATASET_INVALID
 */
export function annotatedSpans(row: LabelledRow, text: string): readonly Span[] | undefined {
  const { spans } = row.fields;
  if (spans === undefined || spans === null) return undefined;
  if (!Array.isArray(spans) || spans.length > MAX_SPANS) {
    throw refuse(row.id, `\`spans\` is not a list of at most ${MAX_SPANS}`);
  }
  const read = spans.flatMap((span: unknown): readonly Span[] => {
    const type = isRecord(span)
      ? (span['type'] ?? span['label'] ?? span['entity_type'])
      : undefined;
    if (!isRecord(span) || typeof type !== 'string') throw refuse(row.id, 'a span has no type');
    return placesOf(row.id, span, typeName(type), text);
  });
  const distinct = new Map(read.map((span) => [`${span.type} ${span.start} ${span.end}`, span]));
  return joinNames([...distinct.values()], text);
}

/** `Ada` and `Lovelace` side by side are one name. */
function joinNames(spans: readonly Span[], text: string): readonly Span[] {
  const joined = spans.filter(({ type }) => type !== 'PERSON');
  let open: Span | undefined;
  for (const span of spans
    .filter(({ type }) => type === 'PERSON')
    .toSorted((a, b) => a.start - b.start)) {
    if (open !== undefined && /^[ \t]$/.test(text.slice(open.end, span.start))) {
      open = { ...open, end: span.end };
      continue;
    }
    if (open !== undefined) joined.push(open);
    open = span;
  }
  return open === undefined ? joined : [...joined, open];
}

function placesOf(
  id: string,
  span: Readonly<Record<string, unknown>>,
  type: string,
  text: string,
): readonly Span[] {
  const { start, end } = span;
  const value = typeof span['value'] === 'number' ? String(span['value']) : span['value'];
  if (typeof start === 'number' && typeof end === 'number') {
    if (!(start >= 0 && start < end && end <= text.length)) {
      throw refuse(id, 'a span lies outside the text');
    }
    return [{ type, start, end }];
  }
  if (typeof value !== 'string' || value === '')
    throw refuse(id, 'a span has no place and no value');
  const places: Span[] = [];
  for (let at = text.indexOf(value); at >= 0 && places.length < MAX_OCCURRENCES;) {
    const end = at + value.length;
    if (isWhole(text, at, end)) places.push({ type, start: at, end });
    at = text.indexOf(value, end);
  }
  return places;
}

/** Not the middle of a longer word or number. */
function isWhole(text: string, start: number, end: number): boolean {
  const inWord = (a: string, b: string): boolean =>
    /[\p{L}\p{N}]/u.test(a) && /[\p{L}\p{N}]/u.test(b);
  return (
    !inWord(text[start - 1] ?? '', text[start] ?? '') &&
    !inWord(text[end - 1] ?? '', text[end] ?? '')
  );
}

/** How `found` matches `annotated`; each annotated span is matched at most once. */
export function matchSpans(annotated: readonly Span[], found: readonly PiiSpan[]): SpanMatch[] {
  const types = new Set([...annotated, ...found].map(({ type }) => type));
  return [...types].map((type) => {
    const gold = annotated.filter((span) => span.type === type);
    const seen = found.filter((span) => span.type === type);
    const open = new Set(gold);
    let [matched, exact] = [0, 0];
    for (const span of seen) {
      const partner = [...open].find((other) => overlap(span, other) > 0.5);
      if (partner === undefined) continue;
      open.delete(partner);
      matched += 1;
      if (partner.start === span.start && partner.end === span.end) exact += 1;
    }
    return { type, annotated: gold.length, found: seen.length, matched, exact };
  });
}

/** Shared length as a share of the longer span. */
function overlap(a: Omit<Span, 'type'>, b: Omit<Span, 'type'>): number {
  const shared = Math.min(a.end, b.end) - Math.max(a.start, b.start);
  return shared / Math.max(a.end - a.start, b.end - b.start);
}

interface SpanTally {
  add(matches: readonly SpanMatch[]): void;
  /** Null when nothing was annotated. */
  figures(): SpanFigures | null;
}

/** Names a file may not use as keys of a result. */
const MAX_TYPES = 200;

export function createSpanTally(): SpanTally {
  const totals = new Map<string, SpanMatch>();
  return {
    add(matches) {
      for (const match of matches) {
        const before = totals.get(match.type);
        if (before === undefined && totals.size >= MAX_TYPES) continue;
        totals.set(match.type, before === undefined ? match : plus(before, match));
      }
    },
    figures() {
      const annotated = [...totals.values()].filter((total) => total.annotated > 0);
      if (annotated.length === 0) return null;
      const sorted = annotated.toSorted((a, b) => (a.type < b.type ? -1 : 1));
      const structured = annotated.filter(({ type }) => STRUCTURED.has(type));
      return {
        all: toFigures(annotated.reduce(plus)),
        structured: structured.length === 0 ? null : toFigures(structured.reduce(plus)),
        types: Object.fromEntries(sorted.map((total) => [total.type, toFigures(total)])),
      };
    },
  };
}

function plus(a: SpanMatch, b: SpanMatch): SpanMatch {
  return {
    type: a.type,
    annotated: a.annotated + b.annotated,
    found: a.found + b.found,
    matched: a.matched + b.matched,
    exact: a.exact + b.exact,
  };
}

function toFigures({ annotated, found, matched, exact }: SpanMatch): TypeFigures {
  return {
    annotated,
    found,
    matched,
    precision: found === 0 ? 0 : matched / found,
    recall: matched / annotated,
    f1: (2 * matched) / (annotated + found),
    exactF1: (2 * exact) / (annotated + found),
  };
}

const STRUCTURED: ReadonlySet<string> = new Set(
  PII_TYPES.filter((type) => !['PERSON', 'STREET_ADDRESS', 'PASSWORD'].includes(type)),
);

/** Names other sources give to the types of this package, without what `plainName` takes off. */
const SAME: ReadonlyMap<string, string> = new Map(
  Object.entries({
    EMAIL: 'EMAIL EMAILADDRESS MAIL EMAILID',
    PHONE: 'PHONE TELEPHONE MOBILE FAX CELLPHONE TEL PHONENO MOBILEPHONE HOMEPHONE WORKPHONE',
    CREDIT_CARD: 'CREDITCARD CARD DEBITCARD PAYMENTCARD CREDITDEBITCARD',
    IBAN: 'IBAN',
    SSN: 'SSN USSSN SOCIALSECURITY SOCIAL SOCIALNUM',
    NATIONAL_ID:
      'NATIONALID ID IDCARD TAXID TAX TIN USITIN ITIN INAADHAAR AADHAAR AADHAR INPAN PAN UKNINO NINO ESNIF ESNIE DNI NIE CPF SIN AUTFN ITFISCAL PLPESEL FIPIC SGNRIC SGNRICFIN NATIONALINSURANCE GOVERNMENTID GOVTID GOVID NATIONALIDENTITY NATIONALIDENTIFICATION KRRRN ITIDENTITYCARD ITVAT INVOTER VOTERID THTNIN TRNATIONALID PERSONALID IDENTITYCARD TAXPAYERID CITIZENID',
    PASSPORT: 'PASSPORT USPASSPORT INPASSPORT UKPASSPORT ITPASSPORT',
    DRIVER_LICENSE:
      'DRIVERLICENSE DRIVERSLICENSE USDRIVERLICENSE DRIVINGLICENSE DRIVINGLICENCE ITDRIVERLICENSE DRIVERLICENCE',
    ACCOUNT:
      'ACCOUNT BANKACCOUNT USBANK ROUTING ABAROUTING BANK BANKROUTING SWIFT BIC SWIFTBIC BBAN SORT',
    IP_ADDRESS: 'IPADDRESS IP IPV4 IPV6 IPV4ADDRESS IPV6ADDRESS',
    MAC_ADDRESS: 'MACADDRESS MAC',
    URL: 'URL WEBSITE LINK DOMAIN DOMAINNAME URLPERSONAL',
    CRYPTO_WALLET:
      'CRYPTOWALLET CRYPTO BITCOINADDRESS ETHEREUMADDRESS LITECOINADDRESS WALLET CRYPTOADDRESS WALLETADDRESS',
    API_KEY: 'APIKEY SECRET SECRETKEY TOKEN ACCESSTOKEN AUTHTOKEN KEY',
    PASSWORD: 'PASSWORD PASSCODE',
    DATE_OF_BIRTH: 'DATEOFBIRTH DOB BIRTHDATE BIRTHDAY DATEBIRTH',
    STREET_ADDRESS: 'STREETADDRESS ADDRESS STREET',
    POSTAL_CODE: 'POSTALCODE POSTAL ZIP POST',
    PERSON: 'PERSON NAME PERSONNAME FULLNAME PER PATIENT PATIENTNAME',
    MEDICAL_ID:
      'MEDICALID MEDICALRECORD MRN UKNHS NHS HEALTHID MEDICALLICENSE PATIENTID AUMEDICARE HEALTHINSURANCE INSURANCEID HEALTHINSURANCEID',
    VEHICLE:
      'VEHICLE LICENSEPLATE VIN VEHICLEID VEHICLEVIN VEHICLEVRM VEHICLEREGISTRATION INVEHICLEREGISTRATION NUMBERPLATE PLATE',
  } satisfies Record<PiiType, string>).flatMap(([own, names]) =>
    names.split(' ').map((name) => [name, own] as const),
  ),
);

function typeName(name: string): string {
  const upper = name
    .slice(0, 60)
    .trim()
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_');
  return SAME.get(plainName(upper)) ?? upper;
}

function plainName(upper: string): string {
  return upper.replaceAll('_', '').replace(/(?:NUMBERS?|NUM|NO|CODE)$/, '');
}
