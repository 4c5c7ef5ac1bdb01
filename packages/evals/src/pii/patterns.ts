/**
 * Every structured kind of personal data. The surer span of two that overlap wins, so the order
 * matters only between equals.
 *
 * @module
 */
import { CONTACT_PATTERNS } from './contact-patterns.ts';
import { DOCUMENT_PATTERNS } from './document-patterns.ts';
import { FINANCE_PATTERNS } from './finance-patterns.ts';
import { NATIONAL_IDS } from './national-ids.ts';
import type { PiiPattern } from './pattern.ts';
import { PHONE_PATTERNS } from './phone-patterns.ts';
import { PLACE_PATTERNS } from './place-patterns.ts';
import { SECRET_PATTERNS } from './secret-patterns.ts';

export const PII_PATTERNS: readonly PiiPattern[] = [
  ...CONTACT_PATTERNS,
  ...SECRET_PATTERNS,
  ...FINANCE_PATTERNS,
  ...NATIONAL_IDS,
  ...DOCUMENT_PATTERNS,
  ...PHONE_PATTERNS,
  ...PLACE_PATTERNS,
];
