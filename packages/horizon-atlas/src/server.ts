/** `horizon-atlas/server`: for region servers. */
export * from '@horizon-atlas/sdk-server';
