/**
 * Letters that look like Latin ones, and the characters nobody sees.
 *
 * The table is a small selection made for this project from what attackers use in practice: Cyrillic
 * and Greek capitals and smalls, small capitals, a few IPA letters. It is deliberately not the whole
 * Unicode confusables list: folding happens only inside words that mix scripts, so ordinary Russian
 * or Greek text is left as it is.
 *
 * @module
 */

const PAIRS =
  'аa еe оo рp сc хx уy іi јj ѕs һh ԁd ԛq ԝw ѵv ӏl Аa Вb Еe Кk Мm Нh Оo Рp Сc Тt Хx Уy Іi Ѕs Јj ' +
  'αa εe οo ρp υu νv κk ιi τt χx ηn ωw Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx ' +
  'ɡg ɑa ɩi ʟl ʀr ɴn ɪi ʏy ʙb ɢg ʜh ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜱs ꜰf пn тt вb нh кk мm';

const FOLD: ReadonlyMap<number, number> = new Map(
  PAIRS.split(' ').map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]),
);

/** The Latin letter that `code` imitates, or 0. */
export function latinLookalike(code: number): number {
  return FOLD.get(code) ?? 0;
}

const INVISIBLE: readonly (readonly [number, number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
];

/** Zero-width, bidirectional, variation and filler characters: present in text, absent on screen. */
export function isInvisible(code: number): boolean {
  return code >= 0xad && inRanges(code, INVISIBLE);
}

/** Whether `code` lies in one of the inclusive ranges. */
export function inRanges(code: number, ranges: readonly (readonly [number, number])[]): boolean {
  for (const [low, high] of ranges) if (code >= low && code <= high) return true;
  return false;
}

/** Marks that are drawn onto the letter before them. */
export function isCombiningMark(code: number): boolean {
  return (
    (code >= 0x300 && code <= 0x36f) ||
    (code >= 0x1ab0 && code <= 0x1aff) ||
    (code >= 0x20d0 && code <= 0x20ff)
  );
}
