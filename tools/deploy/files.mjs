import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { runProgram } from './programs.mjs';

/** Every document of a YAML file; throws with file and line where it is none, or says a key twice. */
export const readYaml = (file) =>
  parseAllDocuments(readFileSync(file, 'utf8'), { merge: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file}: ${error.message.split('\n')[0]}`);
    return document.toJS();
  });

/** The variables of a file with one `NAME=value` a line, as systemd and kustomize read it; of Compose's own as far as it needs no quotes. */
export const readVariables = (text) =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );

/** Does something in a new folder, and removes it. */
export const inScratch = async (work) => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-deploy-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** A certificate for one day, as programs want to see one before they find a configuration in order; key and certificate in one file, too. */
export const makeCertificate = async (folder) => {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const { isWell, said } = await runProgram('openssl', [
    ...['req', '-x509', '-noenc', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '1'],
    ...['-subj', '/CN=localhost', '-out', certificate, '-keyout', key],
  ]);
  if (!isWell) throw new Error(`openssl made no certificate:\n${said}`);
  return { certificate, key };
};
