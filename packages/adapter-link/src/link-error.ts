/** Why listening or dialling failed; `code` is one of the table in protocol/errors.ts. */
export class LinkError extends Error {
  readonly code: 'LINK_REFUSED' | 'LINK_ADDRESS_IN_USE' | 'LINK_LISTEN_FAILED';
  constructor(code: LinkError['code'], message: string) {
    super(message);
    this.name = 'LinkError';
    this.code = code;
  }
}
