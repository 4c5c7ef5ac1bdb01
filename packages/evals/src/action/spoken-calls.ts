/**
 * Calls and observations that an agent without a tool format writes into its prose: ReAct's `Action:`
 * and `Action Input:`, `[Action]: I will call the X with ...`, `[Observation]: ...`.
 *
 * Bounded by the limit on the steps of a trajectory: a text with more parts than that is refused there,
 * because a call that stays prose is a call nobody judges.
 *
 * @module
 */

export type SpokenPart =
  | { readonly kind: 'say' | 'result'; readonly text: string }
  | { readonly kind: 'call'; readonly tool: string; readonly args: string };

/** One more than a trajectory may have steps. */
const MAX_PARTS = 20_001;

const MARK = /(?:^|\n|;|\s)\[?(Observation|Action|Thought|Thinking|Final Answer)\]?\s{0,2}:/g;
const REACT =
  /^\s{0,4}([A-Za-z][\w.-]{1,80})\s{0,4}\n\s{0,4}(?:Action Input|Input|Args|Arguments)\s{0,2}:\s{0,4}/;
const CALLS =
  /\b(?:i will|i'll|let me|i am going to|now|going to)? ?(?:call|use|invoke|run|execute)(?:ing)? (?:the |a )?(?:tool |function )?["'`]?([A-Za-z][\w.-]{2,80})["'`]?(?: tool| function)?(?: with (?:the )?(?:params?|parameters|arguments|input)[ :]{0,2}(?:as )?)?/i;
const INLINE = /^\s{0,4}([A-Za-z][\w.]{2,80})\s{0,3}[:({[]\s{0,3}/;

/** The parts of `text`; one `say` when nothing is marked. */
export function spokenParts(text: string): readonly SpokenPart[] {
  const marks = Array.from(text.matchAll(MARK)).slice(0, MAX_PARTS);
  const first = marks[0];
  if (
    first === undefined ||
    !marks.some(([, name]) => name === 'Action' || name === 'Observation')
  ) {
    return [{ kind: 'say', text }];
  }
  const parts: SpokenPart[] = [];
  if (first.index > 0) parts.push({ kind: 'say', text: text.slice(0, first.index) });
  marks.forEach((mark, i) => {
    const body = text.slice(mark.index + mark[0].length, marks[i + 1]?.index ?? text.length).trim();
    if (body !== '') parts.push(toPart(mark[1] ?? '', body));
  });
  return parts;
}

function toPart(name: string, body: string): SpokenPart {
  if (name === 'Observation') return { kind: 'result', text: body };
  if (name !== 'Action') return { kind: 'say', text: body };
  const react = REACT.exec(body);
  if (react !== null)
    return { kind: 'call', tool: react[1] ?? '', args: body.slice(react[0].length) };
  const inline = INLINE.exec(body);
  const isName = /[a-z][A-Z]|_|\./.test(inline?.[1] ?? '');
  if (inline !== null && isName) {
    return { kind: 'call', tool: inline[1] ?? '', args: body.slice(inline[0].length - 1) };
  }
  const spoken = CALLS.exec(body.slice(0, 400));
  if (spoken === null) return { kind: 'call', tool: 'action', args: body };
  return { kind: 'call', tool: spoken[1] ?? '', args: body.slice(spoken.index + spoken[0].length) };
}
