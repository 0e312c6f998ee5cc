/** The audit log: append-only, hash-chained, rotated. `openAudit` writes it, `verifyAudit` holds its files against their hashes. */
export { type Audit, type AuditOptions, type AuditPage, limits, openAudit } from './audit-log.ts';
export type { ChainProblem } from './chain.ts';
export type { AuditEntry, AuditNote } from './entry.ts';
export { type Verification, verifyAudit } from './verify.ts';
