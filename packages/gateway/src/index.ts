/**
 * The request path: routes, tenants, limits, guardrails, spans and receipts in front of promoted
 * models. `@proofmark/gateway/receipt` is the part that verifies receipts offline.
 *
 * @module
 */
export { DEFAULT_LIMITS } from './config.ts';
export type { GatewayConfig, Route, RouteLimits, Target, TenantKey, Upstream } from './config.ts';
export { GatewayError } from './errors.ts';
export type { GatewayErrorCode } from './errors.ts';
export { createGateway } from './gateway.ts';
export type { Gateway, GatewayDeps, GatewayStats, ServerLimits } from './gateway.ts';
export { bindGuardrail, bindScorer } from './guard/guardrail-binding.ts';
export type { GuardrailBinding, ScoredExchange, Scorer } from './guard/guardrail-binding.ts';
export type { GuardrailTrace } from './guard/verdict-log.ts';
export type {
  PairScore,
  ShadowLane,
  ShadowLimits,
  ShadowPair,
  ShadowSink,
  ShadowStats,
} from './shadow/lane.ts';
export type { Ledger, LedgerRoute, LedgerRow } from './steps/ledger.ts';
export type { ScoreRow, ScoringStats } from './steps/score.ts';
export { hashTenantKey, tenantPseudonym } from './tenant-key.ts';
