/** Store on SQLite (node:sqlite): the embedded default. */

export { type DatabaseReport, inspectDatabase } from './inspect-database.ts';
export type { DatabaseLimits } from './open-database.ts';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';
export { StoreError } from './store-error.ts';
