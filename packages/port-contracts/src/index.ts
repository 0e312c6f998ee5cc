/** The suites that every adapter of a port must pass: call one at the top of a test file. */

export { Inbox, turns, until, within } from './await.ts';
export { type BusRig, type BusSubject, busContract } from './bus-contract.ts';
export { freePort, freePorts } from './free-ports.ts';
export { type LinksRig, type LinksSubject, linksContract } from './links-contract.ts';
export { type RunnerRig, type RunnerSubject, runnerContract } from './runner-contract.ts';
export { type StoreRig, type StoreSubject, storeContract } from './store-contract.ts';
export { type Testimony, Witness } from './witness.ts';
