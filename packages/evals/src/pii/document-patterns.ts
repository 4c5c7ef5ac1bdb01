/**
 * Documents that name their holder: passports, licences, medical records, vehicles.
 *
 * @module
 */
import { entry, hasDigits, labelled, labelledLoosely } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

const PASSPORT =
  'passports?|reisepass|passeport|pasaporte|passaporto|passaporte|paspoort|paszport|pasaport|pass(?=nummer|nr)|paspor|паспорт[ау]?|διαβατήρι\\p{L}{1,3}|パスポート|护照|護照|여권|דרכון|جواز(?: السفر)?';

const DRIVER_LICENSE = [
  String.raw`driver[’']?s? licen[sc]e|driving licen[sc]e|drivers? permit|driver[’']?s? id|d\.l\.`,
  String.raw`führerschein|fuehrerschein|permis de conduire|permiso de conducir|(?:licencia|carnet) de conduci?r|patente(?: di guida)?|carteira de motorista|carta de condução|cnh|rijbewijs|prawo jazdy|körkort|førerkort|kørekort|ajokortti|sürücü belgesi|водительск\p{L}{2,5}(?: удостоверени\p{L})?|運転免許証?|驾驶证|驾照|운전면허`,
].join('|');

const PLATE = [
  String.raw`(?:licen[sc]e|number|registration|vehicle) plate|plate(?: number)?|vrm|vehicle(?: registration| reg)?|car(?: registration| reg)`,
  String.raw`kennzeichen|kfz(?: kennzeichen)?|immatriculation|immatriculée?|plaque(?: d.immatriculation)?|matr[ií]cula|placa|targa|kenteken|(?:nr|numer) rejestracyjny|rejestracja|registreringsnummer|regnr|rekisteri(?:numero|tunnus)|rendszám|spz|plaka|госномер|номер авто|номерной знак|车牌(?:号)?|車牌(?:號碼)?|ナンバー|번호판`,
].join('|');

const VIN = String.raw`vin|vehicle identification|chassis|fahrgestell|fahrzeug-?ident(?:ifizierungs)?|bastidor|châssis|telaio|chassi|nadwozia`;

export const DOCUMENT_PATTERNS: readonly PiiPattern[] = [
  labelledLoosely('PASSPORT', PASSPORT, String.raw`[A-Z]{0,3} ?\d{6,9}[A-Z]?\b`, 0.93),
  labelled(
    'PASSPORT',
    PASSPORT,
    String.raw`(?=[A-Z0-9]{0,8}\d)[A-Z0-9]{8,9}\b|\d{2} \d{2} \d{6}\b`,
    { confidence: 0.93 },
  ),
  entry('PASSPORT', /\b[A-Z]{1,2}\d{7}\b/g, 0.7, { context: /passport/i }),
  entry('PASSPORT', /\b[CFGHJKLMNPRTVWXYZ0-9]{9}\b/g, 0.8, {
    check: hasDigits,
    context: /\b(?:passport|reisepass|passeport|pasaporte)/i,
  }),
  entry(
    'DRIVER_LICENSE',
    /\b(?:[Dd]river[’']?s?[’']? ?[Ll]icen[sc]e|[Dd]riving [Ll]icen[sc]e|DRIVER[’']?S? LICEN[SC]E|[Dd]river[’']?s? [Ii][Dd]|DL)\b(?:\s(?:number|num|no\.?|id|ID|#)|#)?(?:\s(?:is|was|of))?\s?[:=#-]?\s{0,2}['"*#‘“(]{0,2}((?:DL:\s?)?[A-Z0-9](?:[A-Z0-9]|[ -](?=[A-Z0-9]*\d)){4,20})(?![a-z])/g,
    0.94,
    { group: 1, check: hasDigits },
  ),
  labelled(
    'DRIVER_LICENSE',
    DRIVER_LICENSE,
    String.raw`[A-Z0-9](?:[A-Z0-9]|[ -](?=[A-Z0-9]*\d)){4,20}(?![\p{L}\d])`,
    { confidence: 0.94 },
  ),
  entry('DRIVER_LICENSE', /\b[A-Z]{1,3}[ -]?\d[\d -]{4,16}\d\b/g, 0.8, {
    check: hasDigits,
    context: /\b(?:driver[’']?s?|driving|licen[sc]e number)\b/i,
  }),
  labelledLoosely(
    'MEDICAL_ID',
    String.raw`patient|mrn|medical (?:record|file)|insurance|health plan|beneficiary|medicare|medicaid`,
    String.raw`[A-Z]{0,6}[-_]?\d[\dA-Z-]{4,14}\b`,
  ),
  entry(
    'MEDICAL_ID',
    /\b(?:mrn|medical record (?:number|no\.?)|patient id|health insurance (?:number|id))\b[\s:#]{0,4}([A-Z0-9_-]{5,16})\b/gi,
    0.85,
    { group: 1, check: hasDigits },
  ),
  labelledLoosely('VEHICLE', VIN, String.raw`[A-HJ-NPR-Z0-9]{17}\b`, 0.97),
  labelled(
    'VEHICLE',
    PLATE,
    String.raw`[\p{Lu}\p{Lo}\d]{1,7}(?:[ -](?=[\p{Lu}\p{Lo}]{0,4}\d|[\p{Lu}\p{Lo}]{1,3}(?![\p{L}\d]))[\p{Lu}\p{Lo}\d]{1,7}){0,3}(?![\p{L}\d])`,
    { confidence: 0.87, check: isPlate },
  ),
];

/** Two digits or more and at most ten characters. A number alone is no plate, nor is a long one. */
function isPlate(value: string): boolean {
  const plain = value.replaceAll(/[ -]/g, '');
  return (
    plain.length >= 4 &&
    plain.length <= 10 &&
    (plain.match(/\d/g)?.length ?? 0) >= 2 &&
    !/^\d{1,4}$/.test(value)
  );
}
