import type { Store } from '@assent/store';
import { isJsonObject } from '@assent/wire';
import { hasFreshDeviceFactor } from '../../authorization/access.ts';
import { type AccountPorts, accountOf } from '../../authorization/account.ts';
import { isAnswer, mayActOn, mayDo, NOT_FOUND, unchanged } from '../../authorization/administration.ts';
import { refusedWrite } from '../../authorization/caller-commits.ts';
import { reasonOf } from '../../authorization/reason.ts';
import { type Answer, badRequest, type Call, ok } from '../../http/call.ts';
import { countErasure, erasureOf } from '../../privacy/erasure.ts';
import type { UserExportPorts } from '../../privacy/user-export.ts';
import { type ExportUserOptions, STEP_UP_FOR_DATA } from './export-user.ts';
import { type ChangingPorts, STALE } from './user-account.ts';

export interface EraseUserOptions extends AccountPorts, ChangingPorts {
  readonly exports: Pick<ExportUserOptions['exports'], 'turns'> & {
    readonly store: UserExportPorts['store'] & Parameters<typeof countErasure>[0] & Pick<Store, 'journeySessions'>;
  };
}

/**
 * `POST users/{user}?_action=erase` `{reason}`: nothing of the user is left but an id in the trail (GDPR Art. 17). With `dryRun` it only says what would
 * go. Of a user of a directory our part goes; the entry there stays, and whoever signs in by it later is somebody new here.
 */
export const eraseUser =
  (options: EraseUserOptions) =>
  async (call: Call): Promise<Answer> => {
    const account = await accountOf(call, options, 'people:erase');
    if (isAnswer(account)) return account;
    const { caller, identity } = account;
    if (!mayDo(caller, call.realmPath, 'people:erase') || !mayActOn(caller, identity)) return caller.refusal;
    const { clock } = options;
    const { store, turns } = options.exports;
    const lane = { realm: caller.session.realm, caller: caller.identity.id };
    const lookedThrough = () =>
      turns.run(lane, async () => {
        const journeys = await store.journeySessions.ofUser(identity);
        return { journeys, counts: await countErasure(store, identity, journeys, clock.now()) };
      });
    const body = isJsonObject(call.body) ? call.body : {};
    const { dryRun = false } = body;
    if (typeof dryRun !== 'boolean') return badRequest('dryRun must be true or false.', 'dryRun');
    if (options.adminSecondFactor && !hasFreshDeviceFactor(caller.session, clock.now())) return STEP_UP_FOR_DATA;
    const before = { _id: identity.username, directory: identity.entryId !== undefined };
    if (dryRun) return ok({ ...before, wouldErase: (await lookedThrough()).counts });
    if (identity.id === caller.identity.id) return badRequest('You cannot erase your own account.');
    const reason = reasonOf(call, 'always');
    if (isAnswer(reason)) return reason;

    const { journeys, counts } = await lookedThrough();
    const order = { at: clock.now(), transactionId: call.transactionId, by: caller.identity.id, ...reason };
    const result = await options.commits.byRole(caller, [unchanged(identity), ...erasureOf(identity, journeys, order)]);
    if (result.committed) return ok({ ...before, erased: counts });
    const isGone = (await options.identities.findById(identity.id)) === undefined;
    return refusedWrite(result, isGone ? NOT_FOUND : STALE);
  };
