import type { Clock } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { PROFILES_ATTRIBUTE, type SavedProfile, savedProfiles } from '@assent/nodes';
import { cleanText } from '@assent/push/protocol';
import { formatQueryResult, isJsonObject, type JsonObject } from '@assent/wire';
import type { Access } from '../../authorization/access.ts';
import { type Account, type AccountPorts, accountOf } from '../../authorization/account.ts';
import { FORBIDDEN, isAnswer, mayActOn } from '../../authorization/administration.ts';
import { auditOfCall } from '../../authorization/audit-of-call.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { type Answer, badRequest, type Call, type Handler, ok, type Routes } from '../../http/call.ts';
import { contentRevision } from '../../realms/configuration-writes.ts';
import { CHANGED_MEANWHILE, deviceNotFound } from './device-answers.ts';

export interface DeviceProfilesRoutesOptions extends AccountPorts {
  readonly commits: CallerCommits;
  readonly clock: Clock;
}

const MAX_ALIAS_LENGTH = 64;
const item = (profile: SavedProfile): JsonObject => ({
  _id: profile.identifier,
  _rev: contentRevision(profile),
  ...profile,
});

/** `users/{user}/devices/profile` (push-protocol §9): devices that were seen, which prove nothing. */
export const deviceProfilesRoutes = (options: DeviceProfilesRoutesOptions): Routes => {
  const { commits, clock } = options;

  const withOwner =
    (access: Access, handle: (call: Call, account: Account) => Promise<Answer>): Handler =>
    async (call) => {
      const account = await accountOf(call, options, `devices:${access}`);
      if (isAnswer(account)) return account;
      const { caller, identity, isOwn } = account;
      return isOwn || access === 'read' || mayActOn(caller, identity) ? handle(call, account) : FORBIDDEN;
    };

  /** Replaces the profile by what `change` makes of it. */
  const changed = async (
    call: Call,
    { identity, caller, isOwn }: Account,
    event: string,
    change: (profile: SavedProfile) => SavedProfile | undefined,
  ): Promise<Answer> => {
    const stored = savedProfiles(identity.attributes[PROFILES_ATTRIBUTE]);
    const profile = stored.find(({ identifier }) => identifier === call.names.id);
    if (profile === undefined) {
      return deviceNotFound(call);
    }
    const after = change(profile);
    const values = stored.flatMap((it) => (it === profile ? (after ?? []) : it)).map((it) => JSON.stringify(it));
    const changes: Change[] = [
      {
        type: 'identity.attributes',
        id: identity.id,
        seenRev: identity.rev,
        attributes: { [PROFILES_ATTRIBUTE]: values },
      },
      auditOfCall(call, {
        at: clock.now(),
        event,
        userId: identity.id,
        detail: { by: caller.session.userId },
      }),
    ];
    const result = await (isOwn
      ? // The number of browsers bounds how many can be removed.
        commits[event === 'DEVICE_RENAME' ? 'ofProfile' : 'ofAccount'](caller, changes)
      : commits.byRole(caller, changes));
    return result.committed ? ok(item(after ?? profile)) : refusedWrite(result, CHANGED_MEANWHILE);
  };

  return {
    'GET users/:user/devices/profile': withOwner('read', async (_call, { identity }) =>
      ok(formatQueryResult(savedProfiles(identity.attributes[PROFILES_ATTRIBUTE]).map(item))),
    ),
    'PUT users/:user/devices/profile/:id': withOwner('write', async (call, account) => {
      const given = isJsonObject(call.body) ? call.body.alias : undefined;
      const alias = typeof given === 'string' ? cleanText(given) : '';
      if (alias === '' || alias.length > MAX_ALIAS_LENGTH) {
        return badRequest(`alias must have 1 to ${MAX_ALIAS_LENGTH} characters.`);
      }
      return changed(call, account, 'DEVICE_RENAME', (profile) => ({ ...profile, alias }));
    }),
    'DELETE users/:user/devices/profile/:id': withOwner('remove', (call, account) =>
      changed(call, account, 'DEVICE_REMOVE', () => undefined),
    ),
  };
};
