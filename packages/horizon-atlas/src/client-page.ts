/** `horizon-atlas/client/page`: for a page that a development Atlas serves: who plays here, and where. */
export * from '@horizon-atlas/sdk-client/page';
