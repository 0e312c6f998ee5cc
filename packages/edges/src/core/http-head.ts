/** The first request of a connection, as far as an edge has to understand it: where it ends, its token, and whether it asks for an upgrade. */

/** Beyond CR LF CR LF; undefined: not there yet. */
export function headEnd(data: Uint8Array): number | undefined {
  for (let i = 3; i < data.length; i++) {
    if (data[i] === 0x0a && data[i - 1] === 0x0d && data[i - 2] === 0x0a && data[i - 3] === 0x0d) return i + 1;
  }
  return undefined;
}

export interface HttpHead {
  readonly upgrade: boolean;
  /** Of `?atlas_token=`, or of the header `x-atlas-token`; empty: none. */
  readonly token: string;
}

/** undefined: not an HTTP/1.1 request. */
export function readHead(text: string): HttpHead | undefined {
  const [line = '', ...headers] = text.split('\r\n');
  const request = /^[A-Z]{3,10} (\S{1,8192}) HTTP\/1\.[01]$/.exec(line);
  if (!request) return undefined;
  const named = (name: string): string =>
    headers
      .find((each) => each.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  const query = /[?&]atlas_token=([\w-]*)/.exec(request[1] ?? '');
  return { upgrade: named('upgrade') !== '', token: query?.[1] ?? named('x-atlas-token') };
}

/** The head of an upgrade with the player's address in it; what the player claims about it is left out. */
export function withForwardedFor(text: string, address: string): string {
  const lines = text.split('\r\n').filter((each, i) => i === 0 || !/^(x-forwarded-for|x-real-ip|forwarded):/i.test(each));
  lines.splice(1, 0, `X-Forwarded-For: ${address}`);
  return lines.join('\r\n');
}
