/** `horizon-atlas/client/node`: what a client in Node needs beside it: certificates of one's own, access to a development world. */
export * from '@horizon-atlas/sdk-client/node';
