/** What a configuration needs of matchmaking, without the engine and the service: who only reads one, such as \`atlas up\`, loads no more. */
export { type ReadRuleSet, type RuleSetComplaint, readRuleSet } from './rule-set-schema.ts';

/** How long things may take unless a configuration says otherwise, ms. */
export const defaultWaits = { waitMs: 10_000, leaseMs: 60_000, ticketTimeoutMs: 300_000 } as const;
