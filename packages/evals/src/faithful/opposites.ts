/**
 * Words that turn a claim into its opposite: negations, and pairs of which one denies the other.
 *
 * @module
 */

const PAIRS =
  'increase:decrease rise:fall rose:fell grow:shrink gain:lose win:lose won:lost more:less more:fewer most:least first:last before:after early:late earlier:later high:low higher:lower highest:lowest large:small larger:smaller largest:smallest big:small bigger:smaller biggest:smallest long:short longer:shorter old:new older:newer older:younger oldest:youngest best:worst better:worse good:bad up:down above:below over:under open:close begin:end start:end start:stop begin:stop accept:reject allow:ban allow:forbid permit:forbid approve:reject support:oppose agree:disagree agree:refuse admit:deny confirm:deny include:exclude inside:outside north:south northern:southern east:west eastern:western left:right male:female man:woman men:women boy:girl husband:wife brother:sister father:mother son:daughter king:queen success:failure succeed:fail pass:fail success:fail legal:illegal possible:impossible likely:unlikely known:unknown popular:unpopular common:rare always:never all:none everyone:nobody major:minor majority:minority public:private rich:poor hot:cold warm:cold fast:slow faster:slower strong:weak stronger:weaker safe:dangerous alive:dead guilty:innocent buy:sell bought:sold borrow:lend import:export arrive:leave join:leave enter:leave attack:defend love:hate positive:negative maximum:minimum upper:lower front:back full:empty present:absent remember:forget true:false same:different similar:different simple:complex easy:difficult easy:hard cheap:expensive parent:child teacher:student employer:employee borrower:lender landlord:tenant prosecutor:defendant ally:enemy friend:enemy peace:war day:night morning:evening summer:winter monday:friday';

const OPPOSITES: ReadonlyMap<string, ReadonlySet<string>> = readPairs();

function readPairs(): ReadonlyMap<string, ReadonlySet<string>> {
  const opposites = new Map<string, Set<string>>();
  const add = (word: string, other: string): void => {
    const known = opposites.get(word);
    if (known === undefined) opposites.set(word, new Set([other]));
    else known.add(other);
  };
  for (const pair of PAIRS.split(' ')) {
    const [a = '', b = ''] = pair.split(':');
    add(a, b);
    add(b, a);
  }
  return opposites;
}

const ENDINGS = ['', 's', 'd', 'ed', 'es', 'ing'];

/** Opposites of `word`, in the forms that a text may have them in; empty for most words. */
export function oppositesOf(word: string): readonly string[] {
  const plain = [
    word,
    word.replace(/s$/, ''),
    word.replace(/ed$/, ''),
    word.replace(/d$/, ''),
    word.replace(/ing$/, ''),
  ];
  const found = new Set(plain.flatMap((form) => [...(OPPOSITES.get(form) ?? [])]));
  return [...found].flatMap((other) => ENDINGS.map((ending) => other + ending));
}

const NEGATION =
  /\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|fail(?:s|ed)? to|refus(?:es|ed) to|unable to)\b|n't\b/gi;

/** How often a text denies something. */
export function negations(text: string): number {
  return text.match(NEGATION)?.length ?? 0;
}
