/** Matchmaking: FlexMatch rule sets read as they are, and the engine that forms matches by them. */

export type { Admission } from './core/admission.ts';
export { type Explanation, explain } from './core/explain.ts';
export type { FormedMatch, FormerPolicy } from './core/former.ts';
export { defaultFormerPolicy } from './core/former.ts';
export { limits, MatchQueue } from './core/queue.ts';
export type { AttributeValue, Player, RuleSet, Ticket } from './core/rule-set.ts';
export { type ReadRuleSet, type RuleSetComplaint, readRuleSet } from './rule-set-schema.ts';
