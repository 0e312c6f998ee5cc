/**
 * The certificate that a gateway shows: of the operator's own files, or one for development that is made once and kept, so that a
 * browser that was told to trust it is not asked again.
 */
import { X509Certificate } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AtlasError } from '@horizon-atlas/protocol';
import type { Certificate } from './net/wire.ts';

/** One that ends within this is replaced at the next start. */
const RENEW_MS = 7 * 24 * 60 * 60 * 1000;

/** The certificate alone, for clients to trust; the pair with its key stays with the gateways. */
export const DEV_CERTIFICATE_FILE = 'dev-cert.pem';
const PAIR_FILE = 'dev-pair.pem';

/** Throws CONFIG_NOT_FOUND. */
export function readCertificate(files: { readonly cert: string; readonly key: string }): Certificate {
  return { cert: read(files.cert), key: read(files.key) };
}

/**
 * The development certificate kept in `folder`, made if there is none that is still good. Several gateways may call this at once:
 * the first to finish wins, and all get the same.
 * @param hosts names and addresses beside localhost
 */
export async function devCertificate(
  folder: string,
  hosts: readonly string[] = [],
  wallMs: number = Date.now(),
): Promise<Certificate> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pairFile = join(folder, PAIR_FILE);
  const names = [...new Set(['localhost', '127.0.0.1', '::1', ...hosts])];
  let pair = usable(pairFile, names, wallMs);
  if (pair === undefined) {
    // Once in a year: what it takes to make one is not kept in the memory of every gateway.
    const { makeCertificate } = await import('./make-certificate.ts');
    const made = await makeCertificate(names, wallMs);
    const own = join(folder, `${PAIR_FILE}.${process.pid}.${wallMs}`);
    writeFileSync(own, `${made.cert}\n${made.key}\n`, { mode: 0o600 });
    try {
      // Unlike a rename, a link does not replace what another has put there in the meantime.
      linkSync(own, pairFile);
    } catch {
      if (usable(pairFile, names, wallMs) === undefined) renameSync(own, pairFile);
    }
    rmSync(own, { force: true });
    pair = usable(pairFile, names, wallMs) ?? made;
  }
  const own = join(folder, `${DEV_CERTIFICATE_FILE}.${process.pid}`);
  writeFileSync(own, `${pair.cert}\n`, { mode: 0o644 });
  renameSync(own, join(folder, DEV_CERTIFICATE_FILE));
  return pair;
}

function usable(file: string, names: readonly string[], wallMs: number): Certificate | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    const [cert, key] = text.split(/(?=-----BEGIN (?:EC )?PRIVATE KEY-----)/);
    if (cert === undefined || key === undefined) return undefined;
    const parsed = new X509Certificate(cert.trim());
    const [fromMs, toMs] = [Date.parse(parsed.validFrom), Date.parse(parsed.validTo)];
    if (!(toMs - RENEW_MS >= wallMs && fromMs <= wallMs)) return undefined;
    const isFor = (name: string): boolean => (parsed.checkHost(name) ?? parsed.checkIP(name)) !== undefined;
    return names.every(isFor) ? { cert: cert.trim(), key: key.trim() } : undefined;
  } catch {
    return undefined;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AtlasError('CONFIG_NOT_FOUND', `${file} cannot be read: ${(error as Error).message}`);
  }
}
