/** `horizon-atlas/testing`: a game in a test, with the whole of Atlas around it on one thread. */
export * from '@horizon-atlas/testing';
