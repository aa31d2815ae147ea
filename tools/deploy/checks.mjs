import { checkAgreement } from './agreement.mjs';
import { checkCompose } from './compose.mjs';
import { checkKubernetes } from './kubernetes.mjs';
import { checkPgBouncer } from './pgbouncer.mjs';
import { checkPrometheus } from './prometheus.mjs';
import { checkHaProxy, checkNginx } from './proxies.mjs';
import { checkSystemd } from './systemd.mjs';

/**
 * What the files of `deploy/` are looked at for (OPS-55, OPS-70). Each takes the folder, and hands over what is wrong, with the file that it is wrong
 * in, and why a part of it could not be looked at.
 *
 * @type {Record<string, (deploy: string) => Promise<{ problems: string[], skipped?: string }>>}
 */
export const CHECKS = {
  'settings, ports and addresses': checkAgreement,
  compose: checkCompose,
  systemd: checkSystemd,
  kubernetes: checkKubernetes,
  haproxy: checkHaProxy,
  nginx: checkNginx,
  pgbouncer: checkPgBouncer,
  prometheus: checkPrometheus,
};
