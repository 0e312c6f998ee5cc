/** Makes a development certificate. A file of its own, because the library that it takes is large and rarely needed. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Certificate } from './net/wire.ts';

/** Browsers take no longer ones (CA/Browser Forum, 398 days until 2026; the shorter limits since then do not bind own roots). */
const VALID_DAYS = 397;
const DAY_MS = 24 * 60 * 60 * 1000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Signed by itself. @param names host names and addresses that it is for. */
export async function makeCertificate(names: readonly string[], wallMs: number): Promise<Certificate> {
  // Node's and the DOM's types of the same interface differ in name only.
  const crypto = webcrypto as unknown as Crypto;
  cryptoProvider.set(crypto);
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Horizon Atlas development',
    notBefore: new Date(wallMs - DAY_MS),
    notAfter: new Date(wallMs + (VALID_DAYS - 1) * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      // A root of its own, so that a client can be told to trust just it.
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
    ],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { cert: certificate.toString('pem'), key };
}
