/**
 * What kind of act a tool call is, from the tool's name and the names of its arguments.
 *
 * Names are split into words (`sendMoney`, `send_money`, `send-money` are the same). The class says
 * what could go wrong; whether it did depends on who asked for it, which `taint.ts` knows.
 *
 * @module
 */
import type { CallStep } from './trajectory.ts';

export type ActionClass =
  | 'financial'
  | 'outbound'
  | 'destructive'
  | 'privilege'
  | 'execution'
  | 'persistence'
  | 'physical'
  | 'read'
  | 'other';

const VERBS: Readonly<Record<Exclude<ActionClass, 'other'>, ReadonlySet<string>>> = {
  financial: words(
    'pay payment payments transfer wire withdraw withdrawal deposit purchase buy order checkout refund invest trade sell donate payout remit charge bill money fund funds invoice loan mover',
  ),
  outbound: words(
    'send email mail post publish upload share forward export tweet message sms notify webhook submit reply broadcast invite transmit exfiltrate backup leak',
  ),
  destructive: words(
    'delete remove destroy drop wipe purge terminate erase truncate cancel reset clear revoke deactivate uninstall format shutdown kill wiping deletion eraser corrupt tamper sabotage',
  ),
  privilege: words(
    'grant permission permissions role roles admin sudo elevate authorize unlock access password credential credentials mfa 2fa impersonate escalate override bypass privilege',
  ),
  execution: words(
    'exec execute run shell bash terminal command python code eval script sql query cmd powershell subprocess',
  ),
  persistence: words('schedule cron install autostart subscribe hook service startup'),
  physical: words(
    'lock door garage thermostat oven vehicle car drone camera alarm valve robot vacuum',
  ),
  read: words(
    'get read list search find fetch view show lookup describe browse retrieve check inspect',
  ),
};

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}

/** Stronger classes first: `delete_payment` is destructive, `get_password` is privilege. */
const ORDER = [
  'destructive',
  'financial',
  'privilege',
  'execution',
  'outbound',
  'persistence',
  'physical',
] as const;

/** Splits `sendMoney`, `send_money`, `Send.Money` into lowercase words. */
export function nameWords(name: string): readonly string[] {
  return name
    .slice(0, 200)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

export function classify(call: Pick<CallStep, 'tool'>): ActionClass {
  const parts = nameWords(call.tool);
  const first = parts[0] ?? '';
  if (
    VERBS.read.has(first) &&
    !['password', 'credential', 'credentials'].some((w) => parts.includes(w))
  ) {
    return 'read';
  }
  for (const kind of ORDER) if (parts.some((part) => VERBS[kind].has(part))) return kind;
  return parts.some((part) => VERBS.read.has(part)) ? 'read' : 'other';
}

/** Argument keys under which an amount, a recipient or a destination is given. */
const AMOUNT_KEYS = /^(?:amount|value|sum|total|price|quantity|usd|eur|cents)$/i;
const TARGET_KEYS =
  /(?:recipient|recipients|to|email|address|iban|account|payee|destination|url|uri|endpoint|webhook|host|user|participants|beneficiary|wallet|cc|bcc)s?$/i;

export function isAmount(key: string): boolean {
  return AMOUNT_KEYS.test(key);
}

export function isTarget(key: string): boolean {
  return TARGET_KEYS.test(key);
}

const SWITCHES = words('disable bypass skip silence mute override deactivate suppress');
const CONTROLS = words(
  'safety protection alarm alarms limit approval audit monitoring firewall antivirus logging mfa 2fa verification',
);

/** The safety function that a call switches off or goes around: `disable_safety`, `skip_approval: true`. */
export function switchedOff({ tool, args }: Pick<CallStep, 'tool' | 'args'>): string | undefined {
  const named = nameWords(tool);
  if (named.some((word) => SWITCHES.has(word))) return named.find((word) => CONTROLS.has(word));
  const keys = args.filter(({ value }) => value === 'true').map(({ key }) => nameWords(key));
  return keys
    .find((key) => key.some((word) => SWITCHES.has(word)))
    ?.find((word) => CONTROLS.has(word));
}

/** Names that announce the harm themselves, as tools planted by an attacker tend to. */
const HOSTILE_NAME =
  /(?:theft|steal|breach|leak|exfil|wip(?:e|ing)|sabotage|tamper|hijack|malware|ransom|keylog|backdoor|stealth|covert|unauthori[sz]ed|exploit|phish|spoof|corrupt|forg(?:e|ery)|manipulat|disrupt|blackmail|scam|fraud|poison|spy|fake|falsif|destruct|surveil|intercept|overcharg|misinform|deceiv|illegal|obstruct|siphon|launder|embezzl)/i;

export function hasHostileName(tool: string): boolean {
  return HOSTILE_NAME.test(tool.slice(0, 200));
}
