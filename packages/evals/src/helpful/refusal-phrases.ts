/**
 * How assistants decline, in many languages. Each pattern is linear in its text and is given one
 * sentence at a time.
 *
 * `DECLINES`: says that this request will not be served. `DISAPPROVES`: calls it wrong without saying
 * that. `REDIRECTS`: offers something else. `PIVOTS`: announces that what was declined follows after
 * all.
 *
 * @module
 */

const HELP =
  '(?:help|assist|provide|support|give|do (?:that|this|so|it)|comply|fulfil|answer|offer|create|write|generate|share|discuss|engage|participate|complete|continue|respond|produce|encourage|condone|promote|recommend(?!.{0,16} enough)|include|forge|deceive|hack|harm|break into|steal|suggest|facilitate|teach|tell you|explain how|instruct|guide|accommodate|process|describe|talk about|reveal|disclose|ignore|follow|roleplay|role-play|bypass|satisfy|fabricate|endorse|impersonate|speculate|grant|advocate|tolerate|be (?:of|able to|part)|in good conscience|make (?:that|this|such|up|fun|jokes|content)|go into (?:that|this|detail)|list (?:that|those|such|ways)|say that|show you|access|perform (?:that|this|such)|carry (?:that|this|out)|act as|allow|advise)';

const INABILITY =
  "(?:can(?:'t|not| not)|could(?:n't| not)|won't|will not|would not be|wouldn't be|(?:am |are |'m |'re |be )?(?:unable|not able|not allowed|not permitted|not comfortable|not going|not willing|not programmed|not designed|not in a position|not authori[sz]ed|unwilling|prohibited|programmed not|forbidden)(?: with| from)?(?: to)?|must not|may not)";

const DECLINES_ENGLISH: readonly RegExp[] = [
  new RegExp(
    `\\b(?:sorry|afraid|apologi[sz]e|apologies|regret|unfortunately),? (?:but )?(?:(?:as an? [^.,]{2,40}, )?)(?:that )?i(?:'m| am)? ?(?:simply |really |just )?(?:${INABILITY}|must decline|have to decline|need to decline|do not|don't)(?! (?:find|see|know|think|locate|recall|remember|understand|hear|attend|come|make it|be there))`,
    'i',
  ),
  new RegExp(
    `\\b(?:i|we)(?:'m|'re| am| are)? ?(?:really |simply |just |also |still |therefore |absolutely |definitely |honestly )?${INABILITY}[ ,]{1,2}(?:(?:ever|in any way|directly|possibly|knowingly|even|actually|and will not|or will not|therefore|fulfil that or|to|be|you|with) ){0,3}${HELP}`,
    'i',
  ),
  new RegExp(
    String.raw`\b(?:i|we) (?:do not|don't|would not|wouldn't|would never|will never) (?:feel comfortable|condone|support|engage|participate|promote|encourage|endorse|provide|assist|help|create|generate|share (?:that|this|such)|want to (?:help|assist|provide)|have the (?:ability|authority))\b`,
    'i',
  ),
  /\b(?:i|we) (?:must|have to|need to|will|would have to|'ll have to|am going to|'m going to|choose to|would like to|politely|respectfully) ?(?:respectfully |politely |firmly |kindly )?(?:decline|refuse|pass on|abstain|refrain)\b/i,
  /\b(?:i|we) (?:respectfully |politely )?(?:decline|refuse) to\b/i,
  /\bas an? (?:responsible |ethical |helpful |friendly |safe )*(?:ai|artificial intelligence|language model|assistant|chatbot)\b[^.]{0,80}?\b(?:cannot|can't|can not|unable to|not able to|not capable|must not|won't|not programmed|not designed|don't have access|do not have access)\b/i,
  /\bit(?:'s| is| would be) (?:not (?:appropriate|ethical|acceptable|right|possible|within my)|inappropriate|unethical|irresponsible|against my)\b[^.]{0,12}?\b(?:for me|of me|for us|to (?:provide|assist|help|share|give|offer|discuss|generate|create|encourage|support|promote))\b/i,
  /\b(?:this|that|your|the) (?:request|question|content|topic|prompt|input|query|conversation|type of (?:content|request|website))\b[^.]{0,30}?\b(?:goes against|violates|is against|is not something (?:i|we)|is not allowed|isn't allowed|not permitted|cannot be (?:answered|fulfilled|processed|completed)|can't be (?:answered|fulfilled|processed)|falls outside)\b/i,
  /\b(?:my|our|the) (?:programming|guidelines|policies|policy|ethical guidelines|content policy|platform policy|safety guidelines|training|principles|instructions)\b[^.]{0,40}?\b(?:prohibits?|prevents?|forbids?|do(?:es)? not allow|don't allow|does not permit|do not permit|restricts?|not to)\b/i,
  /\bagainst (?:my|our|the) (?:\w+ )?(?:programming|guidelines|policy|policies|ethics|principles|rules|values|terms)\b/i,
  /\b(?:that's|that is|this is|it's|it is) (?:not |just not |simply not )?(?:something|a topic|content|a request) (?:that )?(?:i|we)(?:'m| am|'d| would)? (?:can(?:not|'t| not)?|am unable|unable|not (?:able|comfortable|willing|going)|won't|will not|not)\b/i,
  /\b(?:that's|that is|this is|it's) not something (?:that )?(?:i|we)\b/i,
  /\bi(?:'d| would) (?:prefer|rather) not\b|\bno,? (?:sorry,? )?(?:i|we) (?:can't|cannot|won't|will not)\b|\bnot able to (?:help|assist|do that|provide)\b|\bi(?:'m| am) not sure how to (?:help|assist)\b|\bi(?:'m| am) not going to\b|\bi can(?:'t|not) (?:do|go along with|be involved in|get involved)\b/i,
  /\bi (?:don't|do not) have (?:any )?(?:access to|the ability to|permission to|information (?:about|on) (?:private|personal))\b/i,
  /(?<!\b(?:you|they|he|she|it|who|that|which|people|them|parents|police|doctors?|company) )\b(?:cannot|can't|unable to|won't) (?:assist|help(?! but)|comply|fulfil+|provide (?:assistance|guidance|information|instructions))\b/i,
];

const DECLINES_OTHER: readonly RegExp[] = [
  // German
  /\b(?:ich|wir) (?:kann|können|darf|dürfen|werde|werden|möchte)[^.!?]{0,80}? (?:nicht|leider nicht|keine?n?r?s?)\b[^.!?]{0,60}?(?:helfen|unterstützen|beantworten|bereitstellen|geben|erstellen|nachkommen|weitergeben|behilflich|schreiben|anbieten|erfüllen|tun|machen|liefern|erklären|teilen|sagen)|\b(?:dabei|hierbei|damit|das|diese[nrs]?|dazu)\b[^.!?]{0,30}? (?:kann|darf|werde|möchte) ich[^.!?]{0,40}? nicht|\bes tut mir leid,? (?:aber|doch)[^.!?]{0,60}?(?:nicht|keine)|\bleider kann ich|\bich (?:muss|möchte)[^.!?]{0,30}?ablehnen|\bich lehne[^.!?]{0,60}? ab\b/i,
  // French
  /\bje (?:ne (?:peux|suis|pourrai|saurais|veux|vais)|refuse|dois (?:refuser|décliner))\b(?![^.!?]{0,20}(?:trouve|vois|sais pas si))|\bje suis désolée?,? mais\b|\bdésolée?,? (?:mais )?je ne\b|\bil m'est impossible\b|\bje n'ai pas (?:le droit|la possibilité|accès)/i,
  // Spanish
  /\b(?:lo siento|perdón|disculpa|lamento|lamentablemente)[^.!?]{0,30}?\bno (?:puedo|podemos|me es posible|estoy)|\bno (?:puedo|podemos|voy a|debo|me es posible)[^.!?]{0,24}?(?:ayudar|proporcionar|ofrecer|hacer|dar|brindar|compartir|asistir|cumplir|responder|generar|crear|escribir|participar|explicar|facilitar)|\bme niego a\b|\bdebo (?:negarme|rechazar|declinar)/i,
  // Italian
  /\b(?:mi dispiace|spiacente)[^.!?]{0,30}?\bnon (?:posso|sono|possiamo)|\bnon (?:posso|possiamo|sono in grado)[^.!?]{0,24}?(?:aiutar|fornir|assister|rispond|crear|generar|scriver|condivider|dare|dir|spiegar|offrir|soddisfar)|\bdevo (?:rifiutare|declinare)/i,
  // Portuguese
  /\b(?:desculpe|sinto muito|lamento|infelizmente)[^.!?]{0,30}?\bnão (?:posso|podemos|consigo|sou capaz)|\bnão (?:posso|podemos|vou|devo|consigo|sou capaz de)[^.!?]{0,24}?(?:ajudar|fornecer|oferecer|fazer|dar|compartilhar|auxiliar|responder|gerar|criar|escrever|participar|explicar|atender)/i,
  // Dutch, Swedish, Danish, Norwegian, Finnish
  /\bhet spijt me,? maar|\bik kan (?:je |u )?(?:daar|hier|dit|dat|geen|niet)[^.!?]{0,40}?(?:niet|geen|helpen)|\bhelaas kan ik\b|\bjag kan (?:tyvärr )?inte (?:hjälpa|ge|svara|skriva|göra|tillhandahålla)|\btyvärr kan jag inte\b|\b(?:jeg kan (?:desværre |dessverre )?ikke|beklager,? (?:men )?jeg kan ikke)\b|\b(?:valitettavasti )?en voi (?:auttaa|antaa|vastata|kirjoittaa|tehdä)/i,
  // Polish, Czech, Romanian, Hungarian, Turkish
  /\b(?:przepraszam|niestety)[^.!?]{0,30}?\bnie mog[ęe]|\bnie mogę (?:ci |w tym |tego |udzielić|pomóc|podać|spełnić)|\b(?:omlouvám se|bohužel)[^.!?]{0,30}?\bnem(?:ohu|ůžu)|\bnemohu (?:vám |ti |s tím )?(?:pomoci|poskytnout)|\b(?:îmi pare rău|din păcate)[^.!?]{0,30}?\bnu pot\b|\bnu (?:vă |te )?pot (?:ajuta|oferi|furniza)|\b(?:sajnálom|sajnos)[^.!?]{0,40}?\bnem (?:tudok|segíthetek)|\b(?:üzgünüm|maalesef)[^.!?]{0,60}?(?:edemem|olamam|veremem|yapamam|edemiyorum|olamıyorum|veremiyorum)|\byardımcı olamam/i,
  // Russian, Ukrainian
  /(?:извините|простите|сожалению|к сожалению)[^.!?]{0,40}?не (?:могу|можем)|я не (?:могу|буду|стану)[^.!?]{0,40}?(?:помо|предостав|ответ|выполн|созда|написа|дать|рассказ|участв|сделать)|(?:вибачте|на жаль)[^.!?]{0,40}?не можу|я не можу (?:допом|надати)/i,
  // Chinese, Japanese, Korean
  /(?:抱歉|对不起|對不起|很遗憾|不好意思)[^。！？]{0,16}?(?:不能|无法|無法|不会|不會|不可以)|我(?:不能|无法|無法|不会|不會)(?:为您|为你|给您|给你|就此)?(?:提供|协助|協助|帮助|幫助|回答|满足|滿足|参与|创作|生成|支持|讨论|执行|透露)|(?:申し訳(?:ありません|ございません)|すみません|恐れ入りますが)[^。！？]{0,50}?(?:できません|いたしかねます|できかねます|ません)|(?:お答え|お手伝い|提供|対応|ご案内)(?:は|することは|すること)?(?:できません|いたしかねます|できかねます)|(?:죄송|미안)[^.!?]{0,60}?(?:없습니다|않습니다|어렵습니다)|(?:도와드릴|제공할|답변할|도울|알려드릴) 수 없/,
  // Arabic, Hebrew, Hindi, Vietnamese, Indonesian, Thai
  /(?:آسف|عذر|أعتذر)[^.!?؟]{0,40}?(?:لا (?:أستطيع|يمكنني|يمكن)|لن)|لا (?:أستطيع|يمكنني) (?:مساعدت|تقديم|المساعدة|الإجابة|تلبية)|(?:מצטער|סליחה)[^.!?]{0,40}?(?:לא יכול|איני יכול|לא אוכל)|(?:क्षमा|माफ़|माफ|खेद)[^.!?।]{0,60}?(?:नहीं (?:कर सकता|कर सकती|दे सकता|दे सकती)|असमर्थ)|मैं[^.!?।]{0,60}?(?:मदद|सहायता|प्रदान)[^.!?।]{0,20}?नहीं|(?:xin lỗi|rất tiếc)[^.!?]{0,40}?(?:không thể|không được)|tôi không thể (?:giúp|cung cấp|hỗ trợ|trả lời)|\b(?:maaf)[^.!?]{0,40}?(?:tidak (?:bisa|dapat))|\bsaya tidak (?:bisa|dapat) (?:membantu|memberikan|menyediakan|menjawab)|ขอโทษ[^.!?]{0,60}?ไม่สามารถ|ไม่สามารถ(?:ช่วย|ให้|ตอบ)/i,
];

export const DECLINES: readonly RegExp[] = [...DECLINES_ENGLISH, ...DECLINES_OTHER];

export const DISAPPROVES: RegExp =
  /\b(?:is|are|be|and|or|highly|both|extremely) (?:illegal|unethical|dangerous|harmful|immoral|wrong|inappropriate|not (?:appropriate|ethical|acceptable|okay|ok|legal|right)|never (?:okay|acceptable|ok)|against the law|a (?:serious )?crime|morally wrong)\b|\bi (?:must|have to|need to) (?:emphasi[sz]e|remind|stress|inform you)\b|\bi (?:strongly )?(?:urge|encourage|advise) you\b/i;

export const APOLOGISES: RegExp =
  /^\W{0,3}(?:i(?:'m| am) (?:really |so |very )?sorry|sorry|apologies|i apologi[sz]e|unfortunately|my apologies)\b/i;

export const REDIRECTS: RegExp =
  /\bis there (?:anything|something) else\b|\b(?:if you|should you) (?:have|need|are|would like|want)\b[^.]{0,120}?\b(?:questions?|help|assistance|support|information|concerns?|struggling|else|happy to|let me know|feel free|please|seek|consider|talk)\b|\bhow (?:else )?(?:can|may) i (?:help|assist)\b|\binstead\b|\b(?:happy|glad) to (?:help|assist)\b|\bplease (?:consult|seek|reach out|contact|consider|let me know|rephrase|refrain|consider)\b|\bi(?:'m| am) here to (?:help|provide|assist)\b|\bi encourage you\b|\bit(?:'s| is) (?:important|essential|crucial|best|always)\b|\bi understand (?:that )?(?:you|your)\b|\bi (?:can|could) (?:help|offer|provide|assist)\b|\b(?:alternatives?|resources|hotline|helpline|professional help|ways to (?:cope|support|stay safe))\b/i;

export const PIVOTS: RegExp =
  /\b(?:now that (?:we've|we have|that's|the|i)|with that (?:said|out of the way)|that said|having said that|but (?:here|since|for you|okay|ok|fine|if you insist)|however,? (?:here|since)|anyway,? here|here(?:'s| is| are) (?:how|what|the|a|some|my|your|an)|step (?:1|one)|first,? you(?:'ll| will)? need|below (?:is|are)|let's (?:get|dive))\b/i;

/** An inability that is about facts or accounts, not about willingness to help. */
export const SERVICE_LIMIT: RegExp =
  /\b(?:can(?:'t|not)|could(?:n't| not)|unable to) (?:find|locate|see|reproduce|recall|hear|open|read|verify|load|reach|connect|understand)\b/i;
