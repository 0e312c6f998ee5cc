/** Queries by gamedig, and by probes of our own where it has none. */
export { makeQueries } from './queries.ts';
