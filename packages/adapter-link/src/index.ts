/** Links over Unix and TCP sockets. */
export { limits } from './limits.ts';
export { type LinksOptions, makeLinks } from './links.ts';
