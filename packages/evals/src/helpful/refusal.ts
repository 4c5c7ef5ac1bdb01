/**
 * Is this answer a refusal, an empty phrase, or an answer?
 *
 * A refusal declines in its opening and gives nothing of what was asked. "I cannot find your order,
 * could you send the number" is not one: the inability must be about helping. Patterns in several
 * languages, each linear in the text, read over the first `OPENING` characters.
 *
 * @module
 */
import { normalise } from '../text/normalise.ts';

export type ResponseKind = 'answer' | 'refusal' | 'empty';

export interface ResponseReading {
  readonly kind: ResponseKind;
  /** In [0, 1]: how sure the reading is that this is a refusal. */
  readonly refusal: number;
  readonly start: number;
  readonly end: number;
}

const OPENING = 420;

const HELP =
  '(?:help|assist|provide|support|give|do that|do this|comply|fulfill|fulfil|answer|offer|create|write|generate|share|discuss|engage|participate|complete|continue|respond|produce|encourage|condone|promote|recommend|advise|suggest|support|facilitate|teach|tell you how|explain how|instruct|guide|be able to|in good conscience|accommodate|process (?:that|this|your) request|describe|make|talk about|reveal|disclose|ignore|follow those|pretend|roleplay|role-play|bypass|satisfy|fabricate|endorse|impersonate|speculate|grant|show|access|say|speak|perform|carry|act|advocate|tolerate|allow|agree|go into|list)';

const STRONG: readonly RegExp[] = [
  new RegExp(
    `\\b(?:i|we)(?:'m| am| are|'re)? (?:(?:really|very|truly|so|deeply|terribly) )?(?:sorry|afraid),? (?:but )?(?:(?:as an? [^.,]{2,40}, )?)(?:that )?(?:i|we|this|it|that)(?: simply| really| just)? ?(?:can(?:'t|not|no)|could not|couldn't|am (?:not|un)|'m (?:not|un)|won't|will not|must|do not|don't|have to|need to|is not|isn't|goes against)`,
    'i',
  ),
  new RegExp(
    `\\b(?:i|we)(?:'m|'re| am| are)? ?(?:really |simply |just |also |still )?(?:can(?:'t|not| not)|could not|couldn't|won't|will not|would not|wouldn't|(?:am |are )?(?:unable|not able|not allowed|not permitted|not comfortable|not going|not willing|not programmed|not designed|not in a position|unwilling|prohibited|programmed not)(?: with)?(?: to)?|must (?:decline|refuse)|do not|don't|refuse to|have to (?:decline|refuse))[ ,]{1,2}(?:(?:(?:ever|in any way|directly|possibly|knowingly|even|actually|and will not|or will not|therefore|fulfil that or|to|be|you)) ){0,3}${HELP}`,
    'i',
  ),
  /\bi (?:must|have to|need to|will|would have to|'ll have to) (?:respectfully |politely |firmly )?(?:decline|refuse)\b/i,
  /\bi(?:'m| am) (?:only )?(?:not able|unable) to\b[^.]{0,60}?\b(?:request|assist|help|that|this|content|information)\b/i,
  /\b(?:as an? )(?:responsible |ethical |helpful |friendly )*(?:ai|artificial intelligence|language model|assistant|chatbot)\b[^.]{0,80}?\b(?:cannot|can't|can not|unable|not able|not capable|do not|don't|must not|won't|programmed|not appropriate|designed to)\b/i,
  /\bit(?:'s| is| would be)(?: \w+)? (?:not (?:appropriate|ethical|acceptable|okay|ok|right|possible|within|legal)|inappropriate|unethical|illegal|against (?:my|the law|our))\b[^.]{0,60}?\b(?:to|for me|programming|guidelines|policy|policies)\b/i,
  /\b(?:this|that|your|the) (?:request|question|content|topic|prompt)\b[^.]{0,30}?\b(?:goes against|violates|is against|is inappropriate|is not something i|contains harmful|is harmful|cannot be|can't be)\b/i,
  /\b(?:my|our) (?:programming|guidelines|policies|policy|ethical guidelines|purpose|training|principles)\b[^.]{0,40}?\b(?:prohibit|prevent|forbid|do(?:es)? not allow|don't allow|not to|restrict)/i,
  /\bi (?:do not|don't|don’t) (?:feel comfortable|have (?:personal|access to (?:that|personal|private)|the ability|information)|condone|support|engage|create|generate|encourage|promote)\b/i,
  /\bi(?:'d| would) (?:prefer|rather) not\b|\bno,? i (?:can't|cannot|won't|will not)\b|\b(?:that's|that is|this is) not something i (?:can|am|will|would|'m)\b|\bnot able to (?:help|assist|do that|provide)\b|\bagainst my (?:programming|guidelines|policy|ethic)/i,
  /\b(?:ich kann (?:dabei|das|ihnen|dir|diese|hierbei)[^.]{0,60}? nicht|es tut mir leid, aber|leider kann ich)\b/i,
  /\b(?:je (?:ne peux|suis désolé)|désolé, (?:mais )?je ne|lo siento,? (?:pero )?no puedo|no puedo (?:ayudar|proporcionar|ofrecer|hacer)|mi dispiace,? (?:ma )?non posso|non posso (?:aiutar|fornire)|desculpe,? (?:mas )?não posso|não posso (?:ajudar|fornecer)|het spijt me, maar)/i,
  /(?:извините, (?:но )?я не могу|я не могу (?:помочь|предоставить|ответить)|抱歉，?(?:但)?我(?:不能|无法)|对不起，?(?:但)?我(?:不能|无法)|我(?:不能|无法)(?:提供|协助|帮助|回答)|申し訳(?:ありません|ございません)|お答えできません|죄송하지만|도와드릴 수 없)/i,
];

const WEAK: readonly RegExp[] = [
  /^\W{0,3}(?:i(?:'m| am) sorry|sorry|apologies|i apologi[sz]e|unfortunately|my apologies)\b/i,
  /\b(?:is|are) (?:illegal|unethical|dangerous|harmful|immoral|not appropriate)\b/i,
  /\bi (?:strongly )?(?:urge|encourage|advise) you\b|\bplease (?:consult|seek|reach out|contact a|consider)\b/i,
  /\bis there (?:anything|something) else\b|\bhow (?:else )?(?:can|may) i (?:help|assist)\b|\binstead,? (?:i can|let's|i'd|i could|you)\b/i,
];

/** An inability that is about facts or accounts, not about willingness to help. */
const SERVICE_LIMIT =
  /\b(?:can(?:'t|not)|could(?:n't| not)|unable to) (?:find|locate|see|reproduce|recall|hear|open|read|verify|load|reach|connect|understand)\b/i;

export function readResponse(output: string): ResponseReading {
  const text = normalise(output).text.replaceAll(/[\u2018\u2019\u02bc`]/g, "'");
  if (!/[\p{L}\p{N}]/u.test(text)) return { kind: 'empty', refusal: 0, start: 0, end: 0 };
  const opening = text.slice(0, OPENING);
  const strong = STRONG.map((pattern) => pattern.exec(opening)).filter((match) => match !== null);
  const weak = WEAK.filter((pattern) => pattern.test(opening)).length;
  const first = strong.toSorted((a, b) => a.index - b.index)[0];
  const refusal = refusalScore(strong.length, weak, {
    opening,
    length: text.length,
    at: first?.index,
  });
  return {
    kind: refusal >= 0.5 ? 'refusal' : 'answer',
    refusal,
    start: first?.index ?? 0,
    end: first === undefined ? 0 : first.index + first[0].length,
  };
}

interface Place {
  readonly opening: string;
  readonly length: number;
  readonly at: number | undefined;
}

function refusalScore(strong: number, weak: number, place: Place): number {
  if (strong === 0)
    return Math.min(0.45, 0.15 * weak + (weak >= 2 && place.length < 200 ? 0.15 : 0));
  const early = (place.at ?? 0) < 160 ? 0.75 : 0.5;
  const limit = SERVICE_LIMIT.test(place.opening) && strong === 1 ? 0.35 : 0;
  const long = place.length > 1800 && strong === 1 ? 0.15 : 0;
  return Math.max(0, Math.min(1, early + 0.08 * (strong - 1) + 0.05 * weak - limit - long));
}
