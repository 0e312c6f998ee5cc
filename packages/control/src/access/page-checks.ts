/**
 * What keeps other people's pages off: the Host header against DNS rebinding, and the origin of a request against forged ones. Neither is a
 * header that a page can set; programs may say what they like, and gain nothing by it.
 */
import { Refused } from '../problems.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Names that mean this machine to whoever is on it. */
const ownNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * A page of evil.example whose name suddenly stands for 127.0.0.1 is of one origin with us, except that its requests still say
 * `Host: evil.example`. Throws HOST_REFUSED. `names`: further ones from the configuration.
 */
export function checkHost(host: string | undefined, names: readonly string[]): void {
  const name = hostName(host ?? '');
  if (ownNames.has(name) || names.some((each) => each.toLowerCase() === name)) return;
  throw new Refused(
    'HOST_REFUSED',
    `this API is not called ${JSON.stringify(name.slice(0, 80))}; reach it as localhost, or add the name to api.names in the configuration`,
  );
}

/** Throws ORIGIN_REFUSED for what another site's page asks. Browsers say it in Sec-Fetch-Site; old ones only in the Origin of a change. */
export function checkOrigin(headers: Headers): void {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  const own =
    typeof site === 'string' ? site === 'same-origin' || site === 'none' : origin === undefined || sameHost(origin, host);
  if (!own)
    throw new Refused('ORIGIN_REFUSED', "only Atlas's own pages and programs may ask this; a page of another site may not");
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

function sameHost(origin: string | string[], host: string | string[] | undefined): boolean {
  try {
    return new URL(String(origin)).host === String(host).toLowerCase();
  } catch {
    return false;
  }
}
