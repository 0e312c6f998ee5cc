/** Why a database could not be opened or read; `code` is one of the table in protocol/errors.ts. */
export class StoreError extends Error {
  readonly code: 'STORE_CORRUPT' | 'STORE_NEWER' | 'STORE_UNAVAILABLE';
  constructor(code: StoreError['code'], message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}
