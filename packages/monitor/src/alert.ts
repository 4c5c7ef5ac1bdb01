/**
 * Alerts: one per rule and label set, with a state that changes only here.
 *
 *     OK -> PENDING -> FIRING -> ACKED -> RESOLVED -> (bad again) PENDING
 *                         \----------------^
 *     NO_DATA and ERROR: the rule could not judge; both are told to the owner like FIRING.
 *
 * Pure but for its own state; time is passed in. A rule that throws is ERROR for its owner, never
 * silence, and leaves its other alerts as they are.
 *
 * @module
 */
import { canonicalJson, excerpt, sha256Hex } from '@proofmark/core';

import { MonitorError } from './errors.ts';
import type { OwnerOf } from './owners.ts';
import type { Labels, Rule, RuleFinding, Severity } from './rule.ts';

export type AlertState = 'OK' | 'PENDING' | 'FIRING' | 'ACKED' | 'RESOLVED' | 'NO_DATA' | 'ERROR';

export interface Alert {
  /** SHA-256 over rule and labels: the same trouble has the same fingerprint everywhere. */
  readonly fingerprint: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly state: AlertState;
  readonly owner: string;
  readonly labels: Labels;
  readonly summary: string;
  readonly runbook: string;
  /** When the finding was first bad, milliseconds since the Unix epoch. */
  readonly startsAtMs: number;
  /** When the state last changed. */
  readonly changedAtMs: number;
  /** Who acknowledged it, null before. */
  readonly ackedBy: string | null;
}

/** Alerts that are kept; resolved ones go first. A hostile model must not fill the memory. */
const MAX_ALERTS = 10_000;
const RESOLVED_KEPT_MS = 86_400_000;

/** Belongs to one monitor. */
export class AlertBook {
  readonly #ownerOf: OwnerOf;
  readonly #alerts = new Map<string, Alert>();

  constructor(ownerOf: OwnerOf) {
    this.#ownerOf = ownerOf;
  }

  /** Takes what a rule found now. @returns alerts whose state changed to one that is told */
  update(rule: Rule, findings: readonly RuleFinding[], nowMs: number): Alert[] {
    const found = new Map(
      findings
        .filter(({ state }) => state !== 'ok')
        .map((finding) => [fingerprintOf(rule.id, finding.labels), finding]),
    );
    const changed = [...found].flatMap(([fingerprint, finding]) =>
      this.#bad(fingerprint, rule, finding, nowMs),
    );
    for (const alert of this.#alerts.values()) {
      if (alert.rule === rule.id && !found.has(alert.fingerprint)) {
        changed.push(...this.#good(alert, nowMs));
      }
    }
    this.#forget(nowMs);
    return changed;
  }

  /** The rule itself failed. */
  failed(rule: Rule, error: unknown, nowMs: number): Alert[] {
    const labels = { rule: rule.id };
    const name = error instanceof Error ? error.name : 'unknown error';
    const summary = `rule ${rule.id} could not be evaluated (${excerpt(name)}): what it watches is not watched`;
    return this.#set(fingerprintOf(rule.id, labels), 'ERROR', { rule, labels, summary }, nowMs);
  }

  /** @throws {MonitorError} MONITOR_ALERT_NOT_FIRING */
  acknowledge(fingerprint: string, actor: string, nowMs: number): Alert {
    const alert = this.#alerts.get(fingerprint);
    if (alert === undefined || !isOpen(alert.state) || actor === '') {
      throw new MonitorError(
        'MONITOR_ALERT_NOT_FIRING',
        'cannot acknowledge: no open alert has this fingerprint, or nobody said who acknowledges it',
      );
    }
    const acked: Alert = { ...alert, state: 'ACKED', ackedBy: actor, changedAtMs: nowMs };
    this.#alerts.set(fingerprint, acked);
    return acked;
  }

  /** Everything but what is OK, the newest change first. */
  list(): readonly Alert[] {
    return [...this.#alerts.values()].toSorted((a, b) => b.changedAtMs - a.changedAtMs);
  }

  #bad(fingerprint: string, rule: Rule, finding: RuleFinding, nowMs: number): Alert[] {
    const known = this.#alerts.get(fingerprint);
    const what = { rule, labels: finding.labels, summary: finding.summary };
    if (finding.state === 'no_data') return this.#set(fingerprint, 'NO_DATA', what, nowMs);
    if (known?.state === 'ACKED') return this.#refresh(known, finding.summary);
    const since = known !== undefined && isBad(known.state) ? known.startsAtMs : nowMs;
    const next = nowMs - since >= rule.forMs ? 'FIRING' : 'PENDING';
    return this.#set(fingerprint, next, what, nowMs);
  }

  #good(alert: Alert, nowMs: number): Alert[] {
    if (alert.state === 'RESOLVED') return [];
    if (alert.state === 'PENDING') {
      this.#alerts.delete(alert.fingerprint);
      return [];
    }
    const resolved: Alert = { ...alert, state: 'RESOLVED', changedAtMs: nowMs };
    this.#alerts.set(alert.fingerprint, resolved);
    return [resolved];
  }

  #set(
    fingerprint: string,
    state: AlertState,
    what: { readonly rule: Rule; readonly labels: Labels; readonly summary: string },
    nowMs: number,
  ): Alert[] {
    const known = this.#alerts.get(fingerprint);
    if (known?.state === state) return this.#refresh(known, what.summary);
    const goesOn = known !== undefined && isBad(known.state) && state !== 'NO_DATA';
    const alert: Alert = {
      fingerprint,
      rule: what.rule.id,
      severity: what.rule.severity,
      state,
      owner: this.#ownerOf(what.labels),
      labels: what.labels,
      summary: what.summary,
      runbook: what.rule.runbook,
      startsAtMs: goesOn ? known.startsAtMs : nowMs,
      changedAtMs: nowMs,
      ackedBy: null,
    };
    this.#alerts.set(fingerprint, alert);
    return state === 'PENDING' ? [] : [alert];
  }

  /** The figures change, the state does not: nobody is told again. */
  #refresh(alert: Alert, summary: string): Alert[] {
    this.#alerts.set(alert.fingerprint, { ...alert, summary });
    return [];
  }

  #forget(nowMs: number): void {
    for (const alert of this.#alerts.values()) {
      if (alert.state === 'RESOLVED' && nowMs - alert.changedAtMs > RESOLVED_KEPT_MS) {
        this.#alerts.delete(alert.fingerprint);
      }
    }
    if (this.#alerts.size <= MAX_ALERTS) return;
    const order = [...this.#alerts.values()].toSorted(
      (a, b) => Number(isOpen(a.state)) - Number(isOpen(b.state)) || a.changedAtMs - b.changedAtMs,
    );
    for (const alert of order.slice(0, this.#alerts.size - MAX_ALERTS)) {
      this.#alerts.delete(alert.fingerprint);
    }
  }
}

export function fingerprintOf(rule: string, labels: Labels): string {
  return sha256Hex(canonicalJson({ rule, labels }));
}

function isBad(state: AlertState): boolean {
  return state === 'PENDING' || state === 'FIRING' || state === 'ACKED';
}

function isOpen(state: AlertState): boolean {
  return state === 'FIRING' || state === 'NO_DATA' || state === 'ERROR';
}
