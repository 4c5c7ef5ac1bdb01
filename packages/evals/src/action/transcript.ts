/**
 * A trajectory written down as one text: `User:`, `Assistant:`, `Thought:`, `Action:`, `Observation:`,
 * each at the beginning of a line.
 *
 * Only a text that begins with such a mark is read as turns; anything else is what an agent said. A
 * text cannot tell who wrote a line, so a result could pretend that the user spoke next: a line of the
 * user inside of a result stays part of the result, until the agent has spoken. A result that plays
 * the agent too is believed. Who can give steps should.
 *
 * Bounded: more than `MAX_TURNS` marks are left to the limit on steps, which refuses them.
 *
 * @module
 */

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

const MARK =
  /(?:^|\n)[ \t]{0,8}(?:#{1,4} |\*{1,2})?(system(?: prompt| message)?|user|human|customer|question|task|instruction|query|request|assistant|agent|ai|bot|thought|action|final answer|answer|observation|environment|tool(?: (?:result|output|response))?|function(?: result)?)\*{0,2}[ \t]{0,2}:/gi;

const ROLES: Readonly<Record<string, Turn['role']>> = {
  user: 'user',
  human: 'user',
  customer: 'user',
  question: 'user',
  task: 'user',
  instruction: 'user',
  query: 'user',
  request: 'user',
  assistant: 'assistant',
  agent: 'assistant',
  ai: 'assistant',
  bot: 'assistant',
  thought: 'assistant',
  action: 'assistant',
  answer: 'assistant',
  'final answer': 'assistant',
  observation: 'tool',
  environment: 'tool',
};

/** These marks say what kind of words follow, and stay for who reads the turn. */
const KEPT = /^(?:thought|action|final answer)$/;

const MAX_TURNS = 20_001;

interface Place {
  readonly name: string;
  readonly role: Turn['role'];
  readonly start: number;
  readonly body: number;
}

/** The turns of `text`; undefined when it is no transcript. */
export function transcriptTurns(text: string): readonly Turn[] | undefined {
  const places = placesIn(text);
  const [first] = places;
  if (first === undefined || text.slice(0, first.start).trim() !== '') return undefined;
  if (!places.some(({ role }) => role === 'assistant' || role === 'tool')) return undefined;
  if (!places.some(({ role }) => role === 'user')) return undefined;
  return places.map(({ name, role, start, body }, i) => {
    const from = KEPT.test(name) ? start : body;
    return { role, content: text.slice(from, places[i + 1]?.start ?? text.length).trim() };
  });
}

/** Where turns begin, without lines of the user or the operator inside of a result. */
function placesIn(text: string): readonly Place[] {
  const places: Place[] = [];
  for (const match of text.matchAll(MARK)) {
    if (places.length >= MAX_TURNS) break;
    const name = (match[1] ?? '').toLowerCase();
    const role = roleOf(name);
    const before = places.at(-1)?.role;
    if ((role === 'user' || role === 'system') && before === 'tool') continue;
    // Only at the very beginning does somebody say who runs the agent.
    if (role === 'system' && places.length > 0) continue;
    places.push({ name, role, start: match.index, body: match.index + match[0].length });
  }
  return places;
}

function roleOf(name: string): Turn['role'] {
  if (name.startsWith('system')) return 'system';
  return ROLES[name] ?? 'tool';
}
