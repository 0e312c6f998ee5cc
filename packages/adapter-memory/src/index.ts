/** Bus, Store and Links within one process. Everything is copied and delivered on a later turn, as between machines. */

export { RecordTable, type TableAnswer } from './core/record-table.ts';
export { hostTurn, type Later } from './later.ts';
export { busLimits, type MemoryBusOptions, memoryBus } from './memory-bus.ts';
export { MemoryLinkError, type MemoryLinksOptions, memoryLinks } from './memory-links.ts';
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts';
