/**
 * Documents that name their holder: passports, licences, medical records, vehicles.
 *
 * @module
 */
import { entry, hasDigits, labelled } from './pattern.ts';
import type { PiiPattern } from './pattern.ts';

export const DOCUMENT_PATTERNS: readonly PiiPattern[] = [
  labelled(
    'PASSPORT',
    'passport|reisepass|passeport|pasaporte|passaporto',
    String.raw`[A-Z]{0,3}\d{6,9}[A-Z]?\b`,
    0.9,
  ),
  entry('PASSPORT', /\b[A-Z]{1,2}\d{7}\b/g, 0.7, { context: /\bpassport\b/i }),
  entry('PASSPORT', /\b[CFGHJKLMNPRTVWXYZ0-9]{9}\b/g, 0.8, {
    check: hasDigits,
    context: /\b(?:passport|reisepass|passeport|pasaporte)\b/i,
  }),
  entry(
    'DRIVER_LICENSE',
    /\b(?:[Dd]river[’']?s?[’']? ?[Ll]icen[sc]e|[Dd]riving [Ll]icen[sc]e|DRIVER[’']?S? LICEN[SC]E|[Dd]river[’']?s? [Ii][Dd]|DL)\b(?:\s(?:number|num|no\.?|id|ID|#))?(?:\s(?:is|was|of))?\s?[:=#-]?\s{0,2}['"*#‘“(]{0,2}((?:DL:\s?)?[A-Z0-9](?:[A-Z0-9]|[ -](?=[A-Z0-9]*\d)){4,20})(?![a-z])/g,
    0.92,
    { group: 1, check: hasDigits },
  ),
  entry('DRIVER_LICENSE', /\b[A-Z]{1,3}[ -]?\d[\d -]{4,16}\d\b/g, 0.8, {
    check: hasDigits,
    context: /\b(?:driver[’']?s?|driving|licen[sc]e number)\b/i,
  }),
  labelled(
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
  entry(
    'VEHICLE',
    /\b(?:vin|vehicle identification number)\b[\s:#]{0,4}([A-HJ-NPR-Z0-9]{17})\b/gi,
    0.95,
    { group: 1 },
  ),
  entry(
    'VEHICLE',
    /\b(?:licen[sc]e plate|number plate|plate number|registration)\b[\s:#]{0,4}(?:is |was )?([A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5}(?:[ -]?[A-Z0-9]{1,4})?)\b/gi,
    0.75,
    { group: 1, check: hasDigits },
  ),
];
