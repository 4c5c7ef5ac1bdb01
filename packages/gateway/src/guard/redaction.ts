/**
 * Cutting ranges out of text. Pure. Offsets are UTF-16 units, ranges half open.
 *
 * @module
 */

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What stands in place of each cut range. */
const PLACEHOLDER = '[REDACTED]';

/** The union of the ranges, sorted, touching ones joined. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

/** Whether `ranges` (merged) leave nothing of [start, end) uncovered. */
export function covers(ranges: readonly Range[], start: number, end: number): boolean {
  return start >= end || ranges.some((range) => range.start <= start && end <= range.end);
}

/**
 * The piece of a text that begins at `offset`, without what `ranges` (merged, in offsets of the whole
 * text) cover. The placeholder stands in the piece in which a range begins.
 */
export function cutRanges(piece: string, offset: number, ranges: readonly Range[]): string {
  let result = '';
  let at = 0;
  for (const { start, end } of ranges) {
    const [from, to] = [start - offset, end - offset];
    if (to <= 0 || from >= piece.length) continue;
    result += piece.slice(at, Math.max(at, from));
    if (from >= 0) result += PLACEHOLDER;
    at = Math.max(at, to);
  }
  return result + piece.slice(at);
}
