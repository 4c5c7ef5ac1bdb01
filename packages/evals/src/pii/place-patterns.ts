/**
 * Postal addresses and codes, by the words that streets are named with.
 *
 * @module
 */
import { entry, labelled } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

const STATES =
  'Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming';

const POSTAL = String.raw`zip|postal|post|postcode|eircode|pin code|pincode|plz|postleitzahl|code postal|c[oó]digo postal|cap|cep|kod pocztowy|postnr|postnummer|postinumero|psč|irányítószám|cod poștal|posta kodu|(?:почтовый )?индекс|поштовий індекс|τ\.?κ\.?|邮编|邮政编码|郵遞區號|郵便番号|우편번호`;

export const PLACE_PATTERNS: readonly PiiPattern[] = [
  entry(
    'STREET_ADDRESS',
    /\b\d{1,6}[A-Za-z]?(?:-\d{1,4})?\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w'.-]{1,24}\s+){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Trail|Trl|Crescent|Close|Row|Loop|Alley|Plaza|Mews|Grove|Mall|Common|Branch|Club|Course|Meadow|Park|Rest|Run|Spur|View|Village|Walk|Heights|Hill|Hills|Gardens|Green|Knoll|Mill|Mills|Mountain|Orchard|Overpass|Path|Passage|Pike|Pines|Point|Port|Ranch|Ridge|River|Shore|Spring|Springs|Stravenue|Station|Stream|Summit|Throughway|Track|Trafficway|Tunnel|Turnpike|Underpass|Union|Valley|Viaduct|Ville|Vista|Wall|Wells|Bridge|Brook|Bypass|Camp|Cape|Causeway|Center|Cliff|Corner|Cove|Creek|Crossing|Crossroad|Dale|Dam|Divide|Esplanade|Estate|Expressway|Extension|Falls|Ferry|Field|Flat|Ford|Forest|Forge|Fork|Fort|Freeway|Garden|Gateway|Glen|Harbor|Haven|Hollow|Inlet|Island|Isle|Junction|Key|Lake|Landing|Light|Loaf|Lock|Lodge|Manor)\b\.?(?:,?\s+(?:Apt|Suite|Unit|Ste|Apartment|#)\.?\s?#?[\w-]{1,6})?/g,
    0.9,
  ),
  entry(
    'STREET_ADDRESS',
    /\b[A-ZÄÖÜ][\wäöüß.-]{2,30}(?:straße|strasse|weg|platz|allee|gasse)\s+\d{1,4}[a-z]?\b/g,
    0.9,
  ),
  entry('STREET_ADDRESS', /\b(?:P\.? ?O\.? Box)\s+\d{1,6}\b/gi, 0.9),
  entry('POSTAL_CODE', /\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})\b/g, 0.75),
  entry('POSTAL_CODE', /\b[A-Z]{2},? (\d{5}(?:-\d{4})?)\b/g, 0.85, { group: 1 }),
  entry(
    'POSTAL_CODE',
    new RegExp(String.raw`\b(?:${STATES}),?\s{1,2}(?:- )?(\d{5}(?:-\d{4})?)\b`, 'gi'),
    0.88,
    {
      group: 1,
    },
  ),
  labelled(
    'POSTAL_CODE',
    POSTAL,
    String.raw`(?:[A-Z]{1,2}[- ]?)?(?:\d{5}-\d{4}|\d{2}-\d{3}|\d{5}-\d{3}|\d{4}-\d{3}|\d{3}-\d{2,4}|\d{3} \d{2}|\d{4}(?: ?[A-Z]{2})?|\d{3,8}|\d{10})\b|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|[A-Z]\d[A-Z] ?\d[A-Z]\d\b|[A-Z]\d{2} ?[A-Z0-9]{4}\b`,
    { confidence: 0.88 },
  ),
  entry('POSTAL_CODE', /〒 ?(\d{3}-\d{4})(?!\d)/g, 0.95, { group: 1 }),
  entry(
    'POSTAL_CODE',
    /\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d\b/g,
    0.75,
  ),
];
