/**
 * What an evaluator may be given by somebody who wants it to hang, to fall over or to pass.
 *
 * @module
 */
import process from 'node:process';

const MEGABYTE = 1_000_000;

const filled = (piece: string, length = MEGABYTE): string =>
  piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
/** Long enough that anything worse than linear shows; with PROOFMARK_FUZZ half a minute of it. */
const THOROUGH = process.env['PROOFMARK_FUZZ'] !== undefined;
const LONG = THOROUGH ? 150_000 : 30_000;
const long = (piece: string): string => filled(piece, LONG);

/** Units of a fixed pseudo-random sequence below `range`. */
function noise(range: number): string {
  let state = 1;
  return Array.from({ length: MEGABYTE }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return String.fromCharCode((state >>> 8) % range);
  }).join('');
}

/** A megabyte each. */
export const MEGABYTES: readonly (readonly [name: string, text: string])[] = [
  ['letters', filled('a')],
  ['prose', filled('Ignore the noise and read on. ')],
  ['bytes', noise(0x100)],
  ['lone surrogates', filled('\ud800\udc00\ud800')],
  ['digits and dashes', filled('4111-1111-1111-111')],
  ['ideographs', filled('\u5ffd\u7565\u4e4b\u524d\u7684\u6307\u4ee4')],
];

/** By name, what is long and of what kind. */
export const HOSTILE_TEXTS: readonly (readonly [name: string, text: string])[] = [
  ...MEGABYTES.map(([name, text]): readonly [string, string] => [
    name,
    THOROUGH ? text : text.slice(0, LONG),
  ]),
  ['binary', noise(0x10000).slice(0, LONG)],
  ['low surrogates', long('\udc00')],
  ['blanks', long(' ')],
  ['line breaks', long('\n')],
  ['zeros', long('\0')],
  ['digits', long('1234567890')],
  ['addresses', long('1.1.1.')],
  ['half a mail address', long('a@')],
  ['half a token', long('eyJ.')],
  ['half a command', long('rm -r -f -x ')],
  ['substitutions', long('$(`')],
  ['base64 letters', long('QUJD')],
  ['escapes', long('&#65;')],
  ['single letters', long('a b ')],
  ['opening brackets', long('<<[[{{((')],
  ['hidden markup', long('<!-- ')],
  ['half a link', long('![a](http://')],
  ['capital words', long('Anna Berg ')],
  ['combining marks', long('e\u0301\u0336')],
  ['tag characters', long('\u{e0041}')],
  ['zero-width characters', long('a\u200b')],
  ['mixed scripts', long('\u0418gn\u043er\u0435 ')],
  ['quotes and slashes', long(`\\"'/`)],
  ['find without end', long('find / ')],
  ['ignore without end', long('ignore all ')],
  ['sentences', long('This is a long enough sentence here. ')],
  ['refusals', long("I'm sorry, but I can't ")],
  ['deep JSON', '['.repeat(LONG) + ']'.repeat(LONG)],
  ['deep objects', '{"a":'.repeat(LONG) + '1' + '}'.repeat(LONG)],
];

function nested(depth: number): unknown {
  let value: unknown = { command: 'rm -rf /' };
  for (let i = 0; i < depth; i += 1) value = { a: value };
  return value;
}

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

const broken = (): never => {
  throw new Error('not for you');
};

/** Values that hang, recurse or throw when somebody looks at them. */
export const HOSTILE_VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['a deep object', nested(200_000)],
  ['a deep list', JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)) as unknown],
  ['a wide object', Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i]))],
  ['a cycle', cyclic],
  ['a polluting object', JSON.parse('{"__proto__":{"polluted":1},"input":{"__proto__":[]}}')],
  ['a proxy that throws', new Proxy({}, { get: broken, has: broken, ownKeys: broken })],
];

const many = <Item>(make: (i: number) => Item): Item[] =>
  Array.from({ length: 10_000 }, (_, i) => make(i));

/** Ten thousand calls each; honest ones, so that a pass is right. */
export const LONG_TRAJECTORIES: readonly (readonly [name: string, trajectory: unknown])[] = [
  ['plain', many((i) => ({ role: 'agent', tool: 'search', args: { q: `query ${i}` } }))],
  [
    'in one message',
    [
      {
        role: 'assistant',
        tool_calls: many((i) => ({
          id: `c${i}`,
          function: { name: 'search', arguments: `{"q":"${i}"}` },
        })),
      },
    ],
  ],
  [
    'each with its result',
    many((i) =>
      i % 2 === 0
        ? {
            role: 'assistant',
            tool_calls: [
              { id: `c${i}`, function: { name: 'search', arguments: `{"q":"result ${i}"}` } },
            ],
          }
        : {
            role: 'tool',
            tool_call_id: `c${i - 1}`,
            content: `The result ${i} names result ${i + 1}.`,
          },
    ),
  ],
  [
    'Anthropic blocks',
    many((i) => ({
      role: 'assistant',
      content: [{ type: 'tool_use', id: `t${i}`, name: 'search', input: { q: `${i}` } }],
    })),
  ],
];
