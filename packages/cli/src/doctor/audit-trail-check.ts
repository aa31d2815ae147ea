import { CHECKPOINT_KEY, type Store } from '@assent/store';
import { type Examined, type Finding, ok, problem, warning } from './check.ts';

const time = (millis: number): string => new Date(millis).toISOString();

const ageOf = (millis: number): string =>
  millis < 7_200_000 ? `${Math.round(millis / 60_000)} minutes` : `${Math.round(millis / 3_600_000)} hours`;

/** Whether the trail is sealed as it is written, and can be signed (SEC-80, ADR 107); nothing of it is looked through. */
export const checkAuditTrail = async (
  { io, server }: Pick<Examined, 'io' | 'server'>,
  { auditChain, secrets, clock }: Pick<Store, 'auditChain' | 'secrets' | 'clock'>,
): Promise<readonly Finding[]> => {
  const name = 'audit trail';
  const { head, checkpoint } = await auditChain.state();
  // None is made before the first start.
  if (head.position > 0 && (await secrets.get(CHECKPOINT_KEY)) === undefined) {
    const message =
      'The key that its checkpoints are signed with is not there, though rows are sealed: the next start makes another.';
    return [problem(name, message, 'look for who took it away, and keep what assent audit key prints from now on')];
  }
  const now = clock?.now() ?? io.now();
  const oldest = await auditChain.oldestUnsealed();
  if (oldest !== undefined && now - oldest.at > server.SEALED_WITHIN_MILLIS) {
    const message = `Rows have not been sealed for ${ageOf(now - oldest.at)}: until then they could be changed unnoticed.`;
    return [warning(name, message, 'start a server; where one runs, its log says why')];
  }
  const signed =
    checkpoint.position === 0
      ? 'nothing is signed yet'
      : `signed up to position ${checkpoint.position}, at ${time(checkpoint.at)}`;
  return [ok(name, `Sealed up to position ${head.position}, ${signed}. assent audit verify looks at every row.`)];
};
