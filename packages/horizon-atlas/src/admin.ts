/** `horizon-atlas/admin`: the typed client of the API, in Node and in browsers. */
export * from '@horizon-atlas/sdk-admin';
