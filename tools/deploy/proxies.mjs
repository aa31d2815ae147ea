import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inScratch, makeCertificate } from './files.mjs';
import { missingPrograms, runProgram } from './programs.mjs';

/** Headers in which a proxy that is trusted says which trace a request belongs to; what a caller says there has to end with it (OPS-56). */
const OF_TRACES = ['traceparent', 'tracestate', 'baggage'];

/** Those that a proxy passes on as a caller has sent them. */
const passedOn = (file, text, directive) =>
  OF_TRACES.filter((name) => !text.includes(directive(name))).map(
    (name) => `${file} passes on the header ${name} of callers: it needs "${directive(name)}".`,
  );

const withoutScratch = (said, scratch) => said.replaceAll(`${scratch}/`, '');

/** Whether HAProxy takes both files together, in the order in which they are loaded. */
export const checkHaProxy = async (deploy) => {
  const skipped = missingPrograms(['haproxy', 'openssl']);
  if (skipped !== undefined) return { problems: [], skipped };
  return inScratch(async (scratch) => {
    const { certificate, key } = await makeCertificate(scratch);
    const tls = join(scratch, 'tls.pem');
    writeFileSync(tls, [certificate, key].map((file) => readFileSync(file, 'utf8')).join(''));
    const files = ['backend.cfg', 'frontend.cfg'].flatMap((name) => ['-f', join(deploy, 'haproxy', name)]);
    const { isWell, said } = await runProgram('haproxy', ['-c', ...files], { env: { ASSENT_TLS_FILE: tls } });
    // It says, and means no harm by it, that the instances of Compose have no addresses here.
    const complaints = said.split('\n').filter((line) => /^\[(ALERT|WARNING)\]/.test(line));
    const frontend = readFileSync(join(deploy, 'haproxy/frontend.cfg'), 'utf8');
    return {
      problems: [
        ...(isWell && complaints.length === 0 ? [] : complaints.map((line) => line.replaceAll(`${deploy}/`, ''))),
        ...passedOn('haproxy/frontend.cfg', frontend, (name) => `http-request del-header ${name}`),
      ],
    };
  });
};

/** The nginx.conf around ours, as distributions have it. */
const around = (scratch, conf) => `
pid ${scratch}/nginx.pid;
error_log stderr;
events {}
http {
  include ${conf};
}
`;

export const checkNginx = async (deploy) => {
  const skipped = missingPrograms(['nginx', 'openssl']);
  if (skipped !== undefined) return { problems: [], skipped };
  return inScratch(async (scratch) => {
    const { certificate, key } = await makeCertificate(scratch);
    const conf = join(scratch, 'assent.conf');
    const text = readFileSync(join(deploy, 'nginx/assent.conf'), 'utf8')
      .replaceAll('/etc/assent/tls/fullchain.pem', certificate)
      .replaceAll('/etc/assent/tls/privkey.pem', key)
      .replaceAll('/var/log/nginx/', `${scratch}/`);
    writeFileSync(conf, text);
    writeFileSync(join(scratch, 'nginx.conf'), around(scratch, conf));
    const { isWell, said } = await runProgram('nginx', ['-t', '-q', '-p', scratch, '-c', join(scratch, 'nginx.conf')]);
    return {
      problems: [
        ...(isWell ? [] : [withoutScratch(said.trim(), scratch)]),
        ...passedOn('nginx/assent.conf', text, (name) => `proxy_set_header ${name} "";`),
      ],
    };
  });
};
