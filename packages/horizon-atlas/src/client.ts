/** `horizon-atlas/client`: for game clients, in browsers and in Node. */
export * from '@horizon-atlas/sdk-client';
