/** One certificate for all proxies of the `gateway` bench, in the forms that each wants. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { devCertificate } from '@horizon-atlas/gateway';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  /** Both in one file. */
  readonly pair: string;
}

export async function makeCertificate(folder: string): Promise<CertificateFiles> {
  const { cert, key } = await devCertificate(join(folder, 'tls'));
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), pair: join(folder, 'pair.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  writeFileSync(files.pair, `${cert}\n${key}\n`, { mode: 0o600 });
  return files;
}
