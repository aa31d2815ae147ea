import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate for servers of the loopback interface, which vouches for itself. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The certificate as text: what a client trusts. */
  readonly authority: string;
}

const LIFE = ['-days', '2'];
const LIFE_THAT_IS_OVER = ['-not_before', '20200101000000Z', '-not_after', '20210101000000Z'];

/** A new certificate for `localhost` and 127.0.0.1, in files of a folder. */
export const newCertificate = async (
  folder: string,
  { hasRunOut = false }: { readonly hasRunOut?: boolean } = {},
): Promise<Certificate> => {
  const certificateFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  await run('openssl', [
    ...['req', '-x509', '-noenc', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...(hasRunOut ? LIFE_THAT_IS_OVER : LIFE),
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-out', certificateFile, '-keyout', keyFile],
  ]);
  return { certificateFile, keyFile, authority: readFileSync(certificateFile, 'utf8') };
};
