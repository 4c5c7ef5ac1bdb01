/**
 * Exact signals of prompt injection: forms that hardly occur in honest text.
 *
 * Each rule has a literal prefilter and a pattern whose running time is linear in the text (no
 * nested quantifiers; every gap is bounded). A rule hit is a finding with a place; the evaluator
 * decides what it weighs.
 *
 * @module
 */
import type { Severity } from '../result.ts';

export interface InjectionRule {
  readonly id: string;
  readonly severity: Severity;
  readonly message: string;
  /** One of these concepts must occur, or the rule is not tried; empty means it always is. */
  readonly concepts: readonly string[];
  /** The lowercased text must hold one of these, or the pattern is not tried. */
  readonly literals: readonly string[];
  readonly pattern: RegExp;
  /** Channels the rule is trusted in; a user may honestly write what a document may not. */
  readonly channels: readonly ('user' | 'document' | 'tool')[];
  /** Danger this rule alone is worth, in [0, 1]. */
  readonly danger: number;
}

const EVERYWHERE = ['user', 'document', 'tool'] as const;
const UNTRUSTED = ['document', 'tool'] as const;

export const INJECTION_RULES: readonly InjectionRule[] = [
  {
    id: 'override-instructions',
    concepts: ['drop'],
    severity: 'high',
    message: 'tells the model to drop its instructions',
    literals: ['ignor', 'disregard', 'forget', 'overrid', 'bypass', 'discard'],
    pattern:
      /\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|override|overriding|bypass|discard)\b[^.\n]{0,24}?\b(?:all|any|your|the|these|those|my|previous|prior|above|earlier|everything|every)\b[^.\n]{0,40}?\b(?:instructions?|prompts?|directives?|guidelines|programming|rules you|commands?|orders|restrictions|told|said)\b/gi,
    channels: EVERYWHERE,
    danger: 0.97,
  },
  {
    id: 'override-instructions-translated',
    concepts: ['drop'],
    severity: 'high',
    message: 'tells the model to drop its instructions, in another language',
    literals: [
      'ignorier',
      'vergiss',
      'ignora',
      'ignorez',
      'oubli',
      'olvida',
      'dimentica',
      'esque',
      'игнорируй',
      'забудь',
      '忽略',
      '忘记',
      '无视',
      '無視',
      '무시',
      'negeer',
      'zignoruj',
      'yoksay',
      'تجاهل',
    ],
    pattern:
      /(?:ignoriere?|vergiss|ignora|ignore[zr]?|oublie[zr]?|olvid[ae]|dimentica|esque[cç]a|игнорируй(?:те)?|забудь(?:те)?|negeer|zignoruj|تجاهل)[^.\n]{0,48}?(?:anweisung|instruktion|vorgabe|regeln|instruccion|reglas|consigne|instruction|istruzion|regole|instruç|instruc|regras|инструкц|указани|правил|instructies|opdracht|instrukcj|polecen|التعليمات)|(?:忽略|忘记|无视|忽视|不要理会|無視|忘れ)[^。\n]{0,16}?(?:指令|指示|规则|提示|命令|規則|プロンプト|说明)|(?:指令|指示|规则|提示|命令|規則|プロンプト)[^。\n]{0,6}?(?:無視|忘れ|忽略)|(?:지시|명령|지침|규칙)[^.\n]{0,8}?무시|talimat[^.\n]{0,16}?yoksay/giu,
    channels: EVERYWHERE,
    danger: 0.97,
  },
  {
    id: 'forged-turn',
    concepts: [],
    severity: 'high',
    message: 'forges a turn marker of a chat format',
    literals: [
      '<|im_',
      '[inst]',
      '<<sys>>',
      '<|start_header_id|>',
      '<|system|>',
      '<|endoftext|>',
      '<|eot_id|>',
      '[/inst]',
      '<|end_of_turn',
      '<start_of_turn>',
    ],
    pattern:
      /<\|(?:im_start|im_end|system|endoftext|eot_id|start_header_id|end_header_id)\|>|\[\/?INST\]|<<\/?SYS>>|<start_of_turn>/gi,
    channels: EVERYWHERE,
    danger: 0.9,
  },
  {
    id: 'forged-authority',
    concepts: ['system', 'assistant', 'important'],
    severity: 'high',
    message: 'a document speaks as the system, the developer or the user of the assistant',
    literals: ['system', 'developer', 'admin', 'important', 'assistant', 'attention', 'ai '],
    pattern:
      /(?:^|[\n>*#\][-])[ \t]{0,4}(?:<\/?)?(?:system|assistant|developer|admin)(?:[ _-](?:message|prompt|note|override|notice|instructions?|update|alert))?[ \t]{0,2}(?:[:>\]]|\*\*:)[ \t]{0,4}\S|\b(?:attention|important|note|notice|message|instructions?)\b[^.\n]{0,24}?\b(?:for|to)\b[^.\n]{0,12}?\b(?:ai|llm|language model|assistants?|agents?|chatbots?)\b/gi,
    channels: UNTRUSTED,
    danger: 0.93,
  },
  {
    id: 'reveal-prompt',
    concepts: ['reveal'],
    severity: 'high',
    message: 'asks for the hidden instructions',
    literals: ['prompt', 'instructions', 'initial', 'above'],
    pattern:
      /\b(?:reveal|print|output|display|repeat|show|leak|disclose|dump|recite|echo|spell)\b[^.\n]{0,40}?\b(?:your|the|its|entire|full|hidden|initial|original|exact)\b[^.\n]{0,24}?\b(?:system prompt|hidden prompt|initial prompt|pre-?prompt|system message|(?:system|initial|original|hidden|prior|previous|above) instructions?)\b/gi,
    channels: EVERYWHERE,
    danger: 0.95,
  },
  {
    id: 'unbound-persona',
    concepts: ['persona', 'unbound', 'mode', 'now', 'ethics'],
    severity: 'high',
    message: 'assigns a persona without rules',
    literals: [
      'do anything now',
      'developer mode',
      'jailbreak',
      'no restrictions',
      'unfiltered',
      'uncensored',
      'without any restrictions',
      'no rules',
      'no ethical',
      'stay in character',
      'dan mode',
      'unrestricted',
    ],
    pattern:
      /\bdo anything now\b|\b(?:dan|jailbreak|jailbroken|god|evil|sudo) mode\b|\bdeveloper mode\b[^.\n]{0,40}?\b(?:enabled|activated|on|output|response)\b|\byou (?:are|have|will be|must be)\b[^.\n]{0,60}?\b(?:unfiltered|uncensored|unrestricted|no (?:restrictions|rules|limits|filters|ethical|moral)|without any restrictions)\b|\b(?:act|pretend|respond|answer|behave|roleplay|role-play|chatbot|ai|assistant)\b[^.\n]{0,60}?\b(?:unfiltered|uncensored|without any (?:restrictions|filters?|limits|rules)|no (?:restrictions|ethical guidelines|moral guidelines))\b/gi,
    channels: EVERYWHERE,
    danger: 0.95,
  },
  {
    id: 'new-instructions',
    concepts: ['instruction', 'task'],
    severity: 'medium',
    message: 'announces replacement instructions',
    literals: [
      'new instruction',
      'updated instruction',
      'real task',
      'actual task',
      'new task',
      'following instruction',
      'new directive',
      'instead of',
      'adhere to the following',
    ],
    pattern:
      /\b(?:new|updated|revised|real|actual|following|true) (?:system )?(?:instructions?|directives?|tasks?|orders?)\b[ \t]{0,3}(?:[:=]|are\b|is\b|from\b)|\bstrictly adhere to the following\b/gi,
    channels: UNTRUSTED,
    danger: 0.9,
  },
  {
    id: 'instruct-the-reader',
    concepts: ['negation', 'task', 'respond', 'reveal', 'now'],
    severity: 'high',
    message: 'a document tells the assistant to act before or instead of the task it was given',
    literals: [
      'before you',
      'solve the task',
      'original task',
      'your task',
      'instead,',
      'do not tell',
      "don't tell",
      'do not mention',
      'without informing',
      'do not inform',
      'user asked',
    ],
    pattern:
      /\bbefore you (?:can |could |may )?(?:solve|answer|complete|proceed|continue|do|finish|summari[sz]e|respond|reply)\b[^.\n]{0,60}?\b(?:please|first|must|need|do|have to)\b|\b(?:do not|don't|never) (?:tell|inform|mention|alert|notify|reveal)\b[^.\n]{0,24}?\b(?:user|human|owner|anyone|this)\b|\bwithout (?:informing|telling|notifying|alerting) (?:the )?(?:user|human|owner|customer)\b/gi,
    channels: UNTRUSTED,
    danger: 0.93,
  },
  {
    id: 'hidden-markup',
    concepts: [],
    severity: 'medium',
    message: 'instructions in a part of a page nobody sees',
    literals: [
      '<!--',
      'display:none',
      'display: none',
      'font-size:0',
      'font-size: 0',
      'color:white',
      'visibility:hidden',
      'opacity:0',
      'aria-hidden',
    ],
    pattern:
      /(?:<!--|display: ?none|font-size: ?0|visibility: ?hidden|opacity: ?0|color: ?(?:white|#fff))[^\n]{0,160}?\b(?:assistant|ai|ignore|instructions?|prompt|agent|must|send|reveal)\b/gi,
    channels: UNTRUSTED,
    danger: 0.92,
  },
  {
    id: 'exfiltrating-link',
    concepts: [],
    severity: 'high',
    message: 'asks for data to be put into a link or an image address',
    literals: ['![', 'http://', 'https://'],
    pattern:
      /!\[[^\]\n]{0,80}\]\(https?:\/\/[^)\s]{1,200}(?:=|\/)(?:\{|\$|<|\[)|\b(?:append|include|put|add|encode|embed)\b[^.\n]{0,60}?\b(?:conversation|history|secret|password|key|token|data|credentials|prompt)\b[^.\n]{0,40}?\b(?:url|link|image|query|parameter)\b/gi,
    channels: EVERYWHERE,
    danger: 0.9,
  },
];

export interface RuleHit {
  readonly rule: InjectionRule;
  readonly start: number;
  readonly end: number;
}

/** At most this many hits per rule are reported: the first tells enough. */
const MAX_HITS_PER_RULE = 3;

type Channel = InjectionRule['channels'][number];

interface ReadyRule {
  readonly rule: InjectionRule;
  /** Finds any of the rule's literals in one pass; searching for each takes as long for every one. */
  readonly literal: RegExp;
}

const READY: ReadonlyMap<Channel, readonly ReadyRule[]> = new Map(
  EVERYWHERE.map((channel) => [
    channel,
    INJECTION_RULES.filter(({ channels }) => channels.includes(channel)).map((rule) => ({
      rule,
      literal: new RegExp(rule.literals.map(escaped).join('|')),
    })),
  ]),
);

function escaped(literal: string): string {
  return literal.replaceAll(/[^\p{L}\p{N}]/gu, (sign) => `\\${sign}`);
}

/**
 * Applies the rules of `channel` to `text`. `seen` says which concepts the text is known to have; by
 * default any may be.
 */
export function matchRules(
  text: string,
  channel: Channel,
  seen: (concept: string) => boolean = () => true,
): readonly RuleHit[] {
  const hits: RuleHit[] = [];
  const marked = text.includes('<') || text.includes('[') || text.includes('http');
  let lowered: string | undefined;
  for (const { rule, literal } of READY.get(channel) ?? []) {
    const { concepts } = rule;
    if (!(concepts.length > 0 ? concepts.some(seen) : marked)) continue;
    lowered ??= text.toLowerCase();
    if (!literal.test(lowered)) continue;
    let count = 0;
    for (const match of text.matchAll(rule.pattern)) {
      hits.push({ rule, start: match.index, end: match.index + match[0].length });
      count += 1;
      if (count >= MAX_HITS_PER_RULE) break;
    }
  }
  return hits;
}
