/** Addresses as they stand in URLs. */

/** IPv6 in brackets; "any address" is reached through loopback by those who run here. */
export function hostText(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
