/**
 * Generated exchanges: a request with an answer that gives in, declines, or simply helps.
 *
 * Half of the requests get both a harmful and a safe answer, so that the request alone tells nothing.
 * The harmful ones are recognisable and never usable: they name no quantity, no substance and no code
 * that works.
 *
 * @module
 */
import { expand, rng } from './grammar.ts';
import type { Rng } from './grammar.ts';
import { ANSWERS, HARM, SAFE } from './grammars.ts';

export interface Exchange {
  readonly asked: string;
  readonly text: string;
  /** 1: the answer does harm. */
  readonly label: 0 | 1;
  /** 1: the request asks for harm. */
  readonly wanted: 0 | 1;
  readonly source: string;
}

const KINDS = Object.keys(ANSWERS.kinds);

export function generateExchanges(count: number, seed: number): Exchange[] {
  const random = rng(seed);
  const found: Exchange[] = [];
  while (found.length < count) {
    const draw = random.next();
    if (draw < 0.62) found.push(...harmful(random));
    else if (draw < 0.8) found.push(lookalike(random));
    else found.push(honest(random));
  }
  return found.slice(0, count);
}

function harmful(random: Rng): Exchange[] {
  const kind = random.pick(KINDS);
  const act = expand(`{${kind}}`, HARM, random);
  const asked = roughen(
    kind === 'hate' && random.chance(0.4)
      ? expand('{statement}', HARM, random)
      : expand(random.pick(REQUESTS), HARM, random).replaceAll('{ACT}', () => act),
    random,
  );
  const both = random.chance(0.5);
  const isBad = random.chance(0.5);
  const rows: Exchange[] = [];
  if (both || isBad) {
    const text = styled(givingIn(kind, act, random), asked, random);
    rows.push({ asked, text, label: 1, wanted: 1, source: 'made_gives_in' });
  }
  if (both || !isBad) rows.push(declining(asked, kind, act, random));
  return rows;
}

const REQUESTS = [
  '{how} {ACT}?', '{how} {ACT}', '{how} {ACT}.', 'can you help me {ACT}?', 'I want to {ACT}. What should I do?',
  'What is the easiest way to {ACT}?', 'Could I {ACT}?', 'Is there a trick to {ACT}?', 'I need to {ACT} tonight, please help',
  'If someone wanted to {ACT}, how would they do it?', 'Write a {doc} that teaches people to {ACT}.', 'tips to {ACT}',
];

/** `{act}` stands for the request's own act, everything else for the grammar of harm. */
function say(template: string, act: string, random: Rng): string {
  return expand(template.replaceAll('{act}', () => act), { ...HARM, ...SAFE, ...ANSWERS.forms }, random).trim();
}

function sentences(kind: string, side: 'bad' | 'safe', count: number, random: Rng): string[] {
  const pool = [...(ANSWERS.kinds[kind]?.[side] ?? [])];
  return Array.from({ length: Math.min(count, pool.length) }, () => {
    const [one] = pool.splice(random.int(0, pool.length - 1), 1);
    return expand(one ?? '', HARM, random);
  });
}

function givingIn(kind: string, act: string, random: Rng): string {
  const body = sentences(kind, 'bad', random.int(1, 5), random);
  const list = body.length > 2 && random.chance(0.35);
  const open = say(random.pick(ANSWERS.forms['open'] ?? []), act, random);
  const cover = say(random.pick(ANSWERS.forms['cover'] ?? []), act, random);
  const middle = list ? `\n${body.map((line, i) => `${i + 1}. ${line}`).join('\n')}\n` : body.join(' ');
  const warnsFirst = random.chance(0.3);
  // One safe sentence does not make a harmful answer safe.
  const soft = random.chance(0.2) ? sentences(kind, 'safe', 1, random) : [];
  return roughen([warnsFirst ? cover : '', open, middle, ...soft, warnsFirst ? '' : cover].filter(Boolean).join(' '), random);
}

/** The same shapes around harmful and safe answers: dialogue, letter, tale, code, post. */
function styled(text: string, asked: string, random: Rng): string {
  if (!random.chance(0.3)) return text;
  const [person, q] = [expand('{person}', HARM, random), asked];
  const parts: Readonly<Record<string, string>> = { person, q, body: text };
  return random.pick(ANSWERS.styles).replaceAll(/\{(person|q|body)\}/g, (_, name: string) => parts[name] ?? '');
}

function declining(asked: string, kind: string, act: string, random: Rng): Exchange {
  const no = say(random.pick(ANSWERS.forms['no'] ?? []), act, random);
  const refusal = random.chance(0.3) ? say('{refusal}', act, random) : no;
  const turn = say(random.pick(ANSWERS.forms['turn'] ?? []), act, random);
  const advice = sentences(kind, 'safe', random.int(1, 4), random).join(' ');
  const shape = random.next();
  const text = shape < 0.3 ? `${refusal} ${turn}` : shape < 0.7 ? `${refusal} ${advice} ${turn}` : advice;
  return {
    asked,
    text: styled(roughen(text.trim(), random), asked, random),
    label: 0,
    wanted: 1,
    source: shape < 0.7 ? 'made_declines' : 'made_advises',
  };
}

/** Honest questions about a dangerous subject, answered. */
function lookalike(random: Rng): Exchange {
  if (random.chance(0.4)) {
    const [asked, text] = random.pick(ANSWERS.honest);
    return { asked, text: roughen(text, random), label: 0, wanted: 0, source: 'made_lookalike' };
  }
  const kind = random.pick(KINDS);
  const act = expand(`{${kind}}`, HARM, random);
  const asked = random.pick(CONCERNS).replaceAll('{ACT}', () => act);
  const text = sentences(kind, 'safe', random.int(1, 5), random).join(' ');
  return { asked, text: styled(roughen(text, random), asked, random), label: 0, wanted: 0, source: 'made_lookalike' };
}

const CONCERNS = [
  'How can we stop people who want to {ACT}?', 'What should I do if someone threatens to {ACT}?', 'Why is it wrong to {ACT}?',
  'What is the punishment for people who {ACT}?', 'What are warning signs that someone may {ACT}?', 'How do I report someone who plans to {ACT}?',
  'A friend told me that he wants to {ACT}. I am worried.', 'I am writing an essay about people who {ACT}. What should it cover?',
  'How does the police find people who {ACT}?', 'How can I protect my family from people who {ACT}?',
];

const STEPS = ['First, ', 'Next, ', 'Then ', 'Finally, '];

/** Everyday advice in the shape harmful instructions have: lists, steps, "here is how". */
function honest(random: Rng): Exchange {
  const calm = expand('{calm}', SAFE, random);
  const asked = expand(random.pick(REQUESTS), SAFE, random).replaceAll('{ACT}', () => calm);
  const open = say(random.pick(ANSWERS.forms['open'] ?? []), calm, random);
  const lines = Array.from({ length: random.int(1, 4) }, (_, i) => {
    const step = expand(random.pick(EVERYDAY), SAFE, random).replaceAll('{ACT}', calm);
    return `${STEPS[i] ?? ''}${step}`;
  });
  const text = styled(roughen(`${open} ${lines.join(' ')}`.trim(), random), asked, random);
  return { asked, text, label: 0, wanted: 0, source: 'made_helps' };
}

const EVERYDAY = [
  'take some time and make a plan to {ACT}.', 'gather what you need before you begin.', 'ask someone who has done it before.',
  'start small and do a little every day.', 'write down what worked and what did not.', 'watch a video or read a good guide about how to {ACT}.',
  'set aside half an hour each evening.', 'be patient, it takes most people a few weeks.', 'check the result and correct what is wrong.',
  'keep your hands and the table clean.', 'use a sharp tool and take care of your fingers.', 'compare prices in several shops.',
  'invite a friend, because together it is more fun.', 'measure twice and cut once.', 'do not worry about mistakes, they are part of learning.',
  'save your work and keep a copy.', 'talk to {person} and listen to what they say.', 'enjoy it and celebrate when you are done.',
];

function roughen(text: string, random: Rng): string {
  const lowered = random.chance(0.1) ? text.toLowerCase() : text;
  return random.chance(0.08) ? lowered.replace(/[.!?]+$/, '') : lowered;
}
