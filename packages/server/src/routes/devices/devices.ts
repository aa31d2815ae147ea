import type { Clock, Configuration, Identity, Random, Session } from '@assent/engine';
import type { Change, Committer } from '@assent/engine/host';
import {
  type DeviceReader,
  type DeviceType,
  type OathDevice,
  type OathDeviceReader,
  type PushDevice,
  pauseOf,
  recoveryCodeSets,
  skipAttribute,
  wasDoneBefore,
} from '@assent/push';
import { cleanText } from '@assent/push/protocol';
import { formatQueryResult, isJsonObject } from '@assent/wire';
import { type Access, hasFreshDeviceFactor } from '../../authorization/access.ts';
import { type AccountPorts, accountOf } from '../../authorization/account.ts';
import {
  type Caller,
  FORBIDDEN,
  isAnswer,
  mayActOn,
  mayDo,
  NOT_FOUND,
  refusedWrite,
  stillCalling,
  unchanged,
} from '../../authorization/administration.ts';
import { auditOfCall } from '../../authorization/audit-of-call.ts';
import { factorReset } from '../../authorization/factor-reset.ts';
import { type Reason, type ReasonNeed, reasonOf } from '../../authorization/reason.ts';
import { type Answer, actionOf, badRequest, type Call, header, ok, type Routes, refuse } from '../../http/call.ts';
import { CHANGED_MEANWHILE, deviceNotFound } from './device-answers.ts';

export interface DevicesRoutesOptions extends AccountPorts {
  readonly devices: DeviceReader;
  readonly oathDevices: OathDeviceReader;
  readonly configuration: Configuration;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly random: Random;
  /** Sealed key under which recovery codes are kept. */
  readonly codePepper: Uint8Array;
}

/** What is managed here. */
type ManagedType = Extract<DeviceType, 'push' | 'oath'>;

/** Values of a skip setting (spec: nodes-mfa §2.5). */
const SKIPPABLE = '1';
const NOT_SKIPPABLE = '2';
const NOT_SET = '0';

const MAX_NAME_LENGTH = 64;

/** The members of a list item: never a secret, a provider token or a code (push-protocol §9). */
const item = (device: PushDevice | OathDevice) => ({
  _id: device.uuid,
  _rev: String(device.rev),
  createdDate: device.createdAt,
  lastAccessDate: device.lastAccessAt,
  deviceName: device.deviceName,
  uuid: device.uuid,
  deviceManagementStatus: true,
});

const STEP_UP: Answer = refuse(
  403,
  'Sign in with your phone or a recovery code first, then change devices within five minutes.',
  {
    needs: 'recentFactor',
  },
);

const NOTHING_TO_STAND_IN_FOR: Answer = refuse(
  409,
  'There is no device of this kind that recovery codes could stand in for. Add one first.',
);

/** What our account page is told besides, where it asks for it by `X-Assent-Page`: AM's item has no such member (design.md §3.2). */
const itemForPage = (device: PushDevice | OathDevice) => ({
  ...item(device),
  ...('channelDeadAt' in device && { unreachableSince: device.channelDeadAt }),
});

interface Owner {
  readonly identity: Identity;
  readonly session: Session;
  readonly caller: Caller;
  /** Why the caller may not do that to devices that it may see; undefined where it may. */
  refusal(access: Access): Answer | undefined;
}

/** `users/{user}/devices/2fa/{push|oath}` (push-protocol §9). Whose devices they are is decided by the session alone. */
export const devicesRoutes = (options: DevicesRoutesOptions): Routes => {
  const { committer, clock } = options;
  const codeSets = recoveryCodeSets(options);

  /** The same 403 whether the named user exists or not (SEC-52). */
  const ownerOf = async (call: Call): Promise<Owner | Answer> => {
    const account = await accountOf(call, options, 'devices:read');
    if (isAnswer(account)) return account;
    const { caller, identity, isOwn } = account;
    const { session } = caller;
    if (isOwn) {
      const mayWithout = caller.roles.includes('owner') && !options.adminSecondFactor;
      const refusal = mayWithout || hasFreshDeviceFactor(session, clock.now()) ? undefined : STEP_UP;
      return { identity, session, caller, refusal: () => refusal };
    }
    // Where administrators need a second factor at all, they need it as fresh as the owner does (SEC-51, SEC-54).
    const isFresh = !options.adminSecondFactor || hasFreshDeviceFactor(session, clock.now());
    const refusal = (access: Access) => {
      if (!mayDo(caller, call.realmPath, `devices:${access}`) || !mayActOn(caller, identity)) return FORBIDDEN;
      return isFresh || access === 'read' ? undefined : STEP_UP;
    };
    return { identity, session, caller, refusal };
  };

  const typeOf = (call: Call): ManagedType => (call.names.type === 'oath' ? 'oath' : 'push');

  const audit = (
    call: Call,
    { identity, session }: Owner,
    event: string,
    outcome: string,
    { type = typeOf(call), ...reason }: Reason & { readonly type?: ManagedType } = {},
  ): Change =>
    auditOfCall(call, {
      at: clock.now(),
      event,
      userId: identity.id,
      outcome,
      detail: { type, ...(session.userId !== identity.id && { by: session.userId }), ...reason },
    });

  /** What users do to their own devices is their own business. */
  const reasonFor = (call: Call, { session, identity }: Owner, need: ReasonNeed): Reason | Answer =>
    session.userId === identity.id ? {} : reasonOf(call, need);

  const setSkip = (identity: Identity, type: ManagedType, value: string): Change => ({
    type: 'identity.attributes',
    id: identity.id,
    seenRev: identity.rev,
    attributes: { [skipAttribute(options.configuration, identity.realm, type)]: [value] },
  });

  /** Committed only while the caller may do it, to the user who was looked at. */
  const write = async ({ caller, identity }: Owner, changes: readonly Change[], done: Answer): Promise<Answer> => {
    const isOwn = caller.identity.id === identity.id;
    const hangsOn = [...stillCalling(caller, clock.now()), ...(isOwn ? [] : [unchanged(identity)])];
    const result = await committer.commit([...hangsOn, ...changes]);
    return result.committed || wasDoneBefore(result) ? done : refusedWrite(result, CHANGED_MEANWHILE);
  };

  const withOwner =
    (handle: (call: Call, owner: Owner) => Promise<Answer>) =>
    async (call: Call): Promise<Answer> => {
      const type = call.names.type;
      if (type !== 'push' && type !== 'oath') return NOT_FOUND;
      const owner = await ownerOf(call);
      return isAnswer(owner) ? owner : handle(call, owner);
    };

  const devicesOf = (call: Call, identity: Identity): Promise<readonly (PushDevice | OathDevice)[]> =>
    (typeOf(call) === 'oath' ? options.oathDevices : options.devices).ofUser(identity.id);

  const find = async (call: Call, { identity }: Owner): Promise<PushDevice | OathDevice | undefined> =>
    (await devicesOf(call, identity)).find(({ uuid }) => uuid === call.names.id);

  const actions: Readonly<Record<string, (call: Call, owner: Owner) => Promise<Answer>>> = {
    check: async (call, { identity }) => {
      const attribute = skipAttribute(options.configuration, identity.realm, typeOf(call));
      const [value] = identity.attributes[attribute] ?? [];
      const stored = await devicesOf(call, identity);
      return ok({ result: value === SKIPPABLE && stored.length === 0 });
    },
    skip: async (call, owner) => {
      const value = isJsonObject(call.body) ? call.body.value : undefined;
      if (typeof value !== 'boolean') return badRequest('The body needs "value": true or false.');
      // Users decide that for themselves without another factor.
      const refusal = owner.session.userId === owner.identity.id ? undefined : owner.refusal('write');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner, 'where the realm asks');
      if (isAnswer(reason)) return reason;
      const stored = await devicesOf(call, owner.identity);
      if (value && stored.length > 0) return FORBIDDEN;
      const changes = [
        setSkip(owner.identity, typeOf(call), value ? SKIPPABLE : NOT_SKIPPABLE),
        audit(call, owner, 'OPTOUT_SET', String(value), reason),
      ];
      return write(owner, changes, ok({}));
    },
    countCodes: async (call, { identity }) =>
      ok({ result: await options.devices.countCodes(identity.id, typeOf(call)) }),
    renewCodes: async (call, owner) => {
      const { identity, session } = owner;
      // The answer shows them: nobody else sees what signs a user in.
      if (session.userId !== identity.id) return FORBIDDEN;
      // Without an exemption for administrators: a password alone must not give codes that stand in for the phone.
      if (!hasFreshDeviceFactor(session, clock.now())) return STEP_UP;
      const [phone] = await options.devices.ofUser(identity.id);
      const [generator] = await options.oathDevices.ofUser(identity.id);
      if ((typeOf(call) === 'oath' ? generator : phone) === undefined) return NOTHING_TO_STAND_IN_FOR;

      // One set for all that the user has, so that no code of before goes on being good as the other kind.
      const codes = codeSets.generate();
      const replaced = (type: ManagedType): readonly Change[] => [
        {
          type: 'codes.replace',
          userId: identity.id,
          deviceType: type,
          rows: codeSets.rowsOf({ realm: identity.realm, userId: identity.id, deviceType: type }, codes),
        },
        audit(call, owner, 'RECOVERY_CREATED', 'renewed', { type }),
      ];
      // The devices are written as they are: of two renewals at once one wins, and none outlives a removal.
      const changes: readonly Change[] = [
        ...(phone === undefined ? [] : [{ type: 'device.update', row: phone }, ...replaced('push')]),
        ...(generator === undefined ? [] : [{ type: 'oath.update', row: generator }, ...replaced('oath')]),
      ];
      return write(owner, changes, ok({ recoveryCodes: codes }));
    },
    pause: async (call, owner) => {
      if (typeOf(call) !== 'push') return badRequest('Only requests to phones can be paused: use 2fa/push.');
      // Users decide that for themselves without another factor: it keeps requests away, and for an hour.
      const refusal = owner.session.userId === owner.identity.id ? undefined : owner.refusal('write');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner, 'where the realm asks');
      if (isAnswer(reason)) return reason;
      const now = clock.now();
      const changes = [...pauseOf(owner.identity.id, now), audit(call, owner, 'PUSH_PAUSED', 'account', reason)];
      return write(owner, changes, ok({ result: true }));
    },
    reset: async (call, owner) => {
      const refusal = owner.refusal('remove');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner, 'always');
      if (isAnswer(reason)) return reason;
      const changes: Change[] = [
        ...factorReset(options.configuration, owner.identity, [typeOf(call)]),
        audit(call, owner, 'MFA_RESET', typeOf(call), reason),
      ];
      return write(owner, changes, ok({ result: true }));
    },
  };

  return {
    'GET users/:user/devices/2fa/:type': withOwner(async (call, { identity }) => {
      const isForPage = header(call.request, 'x-assent-page') !== undefined;
      const result = (await devicesOf(call, identity)).map(isForPage ? itemForPage : item);
      return ok(formatQueryResult(result));
    }),
    'POST users/:user/devices/2fa/:type': withOwner(async (call, owner) => {
      const action = actionOf(actions, call);
      return action === undefined
        ? refuse(501, 'Action not supported: use check, skip, countCodes, renewCodes, pause or reset.')
        : action(call, owner);
    }),
    'PUT users/:user/devices/2fa/:type/:id': withOwner(async (call, owner) => {
      const refusal = owner.refusal('write');
      if (refusal !== undefined) return refusal;
      const device = await find(call, owner);
      if (device === undefined) return deviceNotFound(call);
      const name = isJsonObject(call.body) ? call.body.deviceName : undefined;
      const deviceName = typeof name === 'string' ? cleanText(name).trim() : '';
      if (deviceName === '' || deviceName.length > MAX_NAME_LENGTH) {
        return badRequest(`deviceName must have 1 to ${MAX_NAME_LENGTH} characters.`);
      }
      const reason = reasonFor(call, owner, 'where the realm asks');
      if (isAnswer(reason)) return reason;
      const row = { ...device, deviceName };
      const type = typeOf(call) === 'oath' ? 'oath.update' : 'device.update';
      const changes: Change[] = [{ type, row } as Change, audit(call, owner, 'DEVICE_RENAME', device.uuid, reason)];
      return write(owner, changes, ok(item({ ...row, rev: row.rev + 1 })));
    }),
    'DELETE users/:user/devices/2fa/:type/:id': withOwner(async (call, owner) => {
      const refusal = owner.refusal('remove');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner, 'always');
      if (isAnswer(reason)) return reason;
      const device = await find(call, owner);
      if (device === undefined) return deviceNotFound(call);
      const changes: Change[] = [
        { type: typeOf(call) === 'oath' ? 'oath.delete' : 'device.delete', uuid: device.uuid },
        ...(typeOf(call) === 'oath' ? [setSkip(owner.identity, 'oath', NOT_SET)] : []),
        audit(call, owner, 'DEVICE_REMOVE', device.uuid, reason),
      ];
      return write(owner, changes, ok(item(device)));
    }),
  };
};
