/** `horizon-atlas/loadtest`: what many players do, for `atlas loadtest`. */
export * from '@horizon-atlas/loadtest';
