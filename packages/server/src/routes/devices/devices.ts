import type { Clock, Configuration, FactorKind, Identity, Random, Session } from '@assent/engine';
import type { Change } from '@assent/engine/host';
import { type CodeType, recoveryCodeSets, SKIP_TYPES, type SkipType, skipAttribute } from '@assent/factors';
import { pauseOf, wasDoneBefore } from '@assent/push';
import { cleanText } from '@assent/push/protocol';
import { formatQueryResult, isJsonObject } from '@assent/wire';
import { type Access, hasFreshDeviceFactor } from '../../authorization/access.ts';
import { type FactorReaders, refusalOfOwnAccount } from '../../authorization/account-step-up.ts';
import {
  type Caller,
  FORBIDDEN,
  isAnswer,
  mayActOn,
  mayDo,
  NOT_FOUND,
  unchanged,
} from '../../authorization/administration.ts';
import { auditOfCall } from '../../authorization/audit-of-call.ts';
import { type CallerCommits, refusedWrite } from '../../authorization/caller-commits.ts';
import { factorReset } from '../../authorization/factor-reset.ts';
import { type Reason, reasonOf, reasonOfRemoval } from '../../authorization/reason.ts';
import { type Answer, actionOf, badRequest, type Call, header, ok, type Routes, refuse } from '../../http/call.ts';
import { CHANGED_MEANWHILE, deviceNotFound } from './device-answers.ts';
import { type DeviceOwnerPorts, deviceOwnerOf } from './device-owner.ts';
import { type ManagedDevice, type ManagedDevicesPorts, managedDevices } from './managed-devices.ts';

export interface DevicesRoutesOptions
  extends FactorReaders,
    Pick<ManagedDevicesPorts, 'authenticatorTrusts'>,
    DeviceOwnerPorts {
  readonly configuration: Configuration;
  readonly commits: CallerCommits;
  readonly clock: Clock;
  readonly random: Random;
  /** Sealed key under which recovery codes are kept. */
  readonly codePepper: Uint8Array;
}

const DEVICE_TYPES = ['push', 'oath', 'webauthn', 'binding'] as const satisfies readonly FactorKind[];

/** What recovery codes stand in for, in the order in which a new set is written. */
const CODE_TYPES = ['push', 'oath', 'webauthn'] as const satisfies readonly CodeType[];

/** Values of a skip setting (spec: nodes-mfa §2.5). */
const SKIPPABLE = '1';
const NOT_SKIPPABLE = '2';
const NOT_SET = '0';

const MAX_NAME_LENGTH = 64;

const STEP_UP: Answer = refuse(
  403,
  'Sign in with a passkey, your phone or a recovery code first, then change devices within five minutes.',
  {
    needs: 'recentFactor',
  },
);

const NOTHING_TO_STAND_IN_FOR: Answer = refuse(
  409,
  'There is no device of this kind that recovery codes could stand in for. Add one first.',
);

const SKIPS_NOTHING: Answer = badRequest('Bound devices cannot be skipped: use 2fa/push, 2fa/oath or 2fa/webauthn.');

const HAS_NO_CODES: Answer = badRequest(
  'No recovery codes stand in for a bound device; use 2fa/push, 2fa/oath or 2fa/webauthn.',
);

interface Owner {
  readonly identity: Identity;
  readonly session: Session;
  readonly caller: Caller;
  readonly isOwn: boolean;
  /** Why the caller may not do that to devices that it may see; undefined where it may. */
  refusal(access: Access): Answer | undefined;
}

/**
 * `users/{user}/devices/2fa/{push|oath|webauthn|binding}` (push-protocol §9, webauthn §8.3). Whose devices they are is decided by the session
 * alone.
 */
export const devicesRoutes = (options: DevicesRoutesOptions): Routes => {
  const { commits, clock } = options;
  const codeSets = recoveryCodeSets(options);
  const managed = managedDevices(options);

  /** The same 403 whether the named user exists or not (SEC-52). */
  const ownerOf = async (call: Call): Promise<Owner | Answer> => {
    const account = await deviceOwnerOf(call, options);
    if (isAnswer(account)) return account;
    const { caller, identity, isOwn } = account;
    const { session } = caller;
    if (isOwn) {
      const mayWithout = caller.roles.includes('owner') && !options.adminSecondFactor;
      const refusal = mayWithout || hasFreshDeviceFactor(session, clock.now()) ? undefined : STEP_UP;
      return { identity, session, caller, isOwn, refusal: () => refusal };
    }
    // Where administrators need a second factor at all, they need it as fresh as the owner does (SEC-51, SEC-54).
    const isFresh = !options.adminSecondFactor || hasFreshDeviceFactor(session, clock.now());
    const refusal = (access: Access) => {
      if (!mayDo(caller, call.realmPath, `devices:${access}`) || !mayActOn(caller, identity)) return FORBIDDEN;
      return isFresh || access === 'read' ? undefined : STEP_UP;
    };
    return { identity, session, caller, isOwn, refusal };
  };

  /** Only where `withOwner` has let the call through. */
  const typeOf = (call: Call): FactorKind => call.names.type as FactorKind;
  const skippableTypeOf = (call: Call): SkipType | undefined => SKIP_TYPES.find((it) => it === typeOf(call));
  const codeTypeOf = (call: Call): CodeType | undefined => CODE_TYPES.find((it) => it === typeOf(call));

  const audit = (
    call: Call,
    { identity, session }: Owner,
    event: string,
    outcome: string,
    { type = typeOf(call), ...reason }: Reason & { readonly type?: FactorKind } = {},
  ): Change =>
    auditOfCall(call, {
      at: clock.now(),
      event,
      userId: identity.id,
      outcome,
      detail: { type, ...(session.userId !== identity.id && { by: session.userId }), ...reason },
    });

  /** What users do to their own devices is their own business. */
  const reasonFor = (
    call: Call,
    { isOwn }: Owner,
    ask: (call: Call) => Reason | Answer = (it) => reasonOf(it, 'where the realm asks'),
  ): Reason | Answer => (isOwn ? {} : ask(call));

  const setSkip = (identity: Identity, type: SkipType, value: string): Change => ({
    type: 'identity.attributes',
    id: identity.id,
    seenRev: identity.rev,
    attributes: { [skipAttribute(options.configuration, identity.realm, type)]: [value] },
  });

  /** Committed only while the caller may do it, to the user who was looked at. Users remove what is their own as often as they like. */
  const write = async (
    { caller, identity, isOwn }: Owner,
    changes: readonly Change[],
    done: Answer,
    own: 'ofProfile' | 'ofAccount' = 'ofProfile',
  ): Promise<Answer> => {
    const result = await (isOwn
      ? commits[own](caller, changes)
      : commits.byRole(caller, [unchanged(identity), ...changes]));
    return result.committed || wasDoneBefore(result) ? done : refusedWrite(result, CHANGED_MEANWHILE);
  };

  const withOwner =
    (handle: (call: Call, owner: Owner) => Promise<Answer>) =>
    async (call: Call): Promise<Answer> => {
      if (!Object.hasOwn(managed, call.names.type ?? '')) return NOT_FOUND;
      const owner = await ownerOf(call);
      return isAnswer(owner) ? owner : handle(call, owner);
    };

  const devicesOf = (call: Call, { id }: Identity): Promise<readonly ManagedDevice[]> => managed[typeOf(call)](id);

  const find = async (call: Call, { identity }: Owner): Promise<ManagedDevice | undefined> =>
    (await devicesOf(call, identity)).find(({ uuid }) => uuid === call.names.id);

  const actions: Readonly<Record<string, (call: Call, owner: Owner) => Promise<Answer>>> = {
    check: async (call, { identity }) => {
      const type = skippableTypeOf(call);
      if (type === undefined) return ok({ result: false });
      const attribute = skipAttribute(options.configuration, identity.realm, type);
      const [value] = identity.attributes[attribute] ?? [];
      const stored = await devicesOf(call, identity);
      return ok({ result: value === SKIPPABLE && stored.length === 0 });
    },
    skip: async (call, owner) => {
      const type = skippableTypeOf(call);
      if (type === undefined) return SKIPS_NOTHING;
      const value = isJsonObject(call.body) ? call.body.value : undefined;
      if (typeof value !== 'boolean') return badRequest('The body needs "value": true or false.');
      const { id } = owner.identity;
      const hasOf = await Promise.all(DEVICE_TYPES.map(async (it) => (await managed[it](id)).length > 0));
      // Users decide that for themselves while they have no factor; those who have one show it first (SEC-88).
      const refusal = owner.isOwn && !(value && hasOf.includes(true)) ? undefined : owner.refusal('write');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner);
      if (isAnswer(reason)) return reason;
      if (value && hasOf[DEVICE_TYPES.indexOf(type)]) return FORBIDDEN;
      const changes = [
        setSkip(owner.identity, type, value ? SKIPPABLE : NOT_SKIPPABLE),
        audit(call, owner, 'OPTOUT_SET', String(value), reason),
      ];
      return write(owner, changes, ok({}));
    },
    countCodes: async (call, { identity }) => {
      const type = codeTypeOf(call);
      return type === undefined ? HAS_NO_CODES : ok({ result: await options.devices.countCodes(identity.id, type) });
    },
    renewCodes: async (call, owner) => {
      const { identity, session } = owner;
      const asked = codeTypeOf(call);
      if (asked === undefined) return HAS_NO_CODES;
      // The answer shows them: nobody else sees what signs a user in.
      if (!owner.isOwn) return FORBIDDEN;
      // Without an exemption for administrators: a password alone must not give codes that stand in for the phone.
      if (!hasFreshDeviceFactor(session, clock.now())) return STEP_UP;
      const newest = await Promise.all(
        CODE_TYPES.map(async (type) => ({ type, device: (await managed[type](identity.id))[0] })),
      );
      if (newest.every(({ type, device }) => type !== asked || device === undefined)) return NOTHING_TO_STAND_IN_FOR;

      // One set for all that the user has, so that no code of before goes on being good as the other kind.
      const codes = codeSets.generate();
      const replaced = (type: CodeType): readonly Change[] => [
        {
          type: 'codes.replace',
          userId: identity.id,
          deviceType: type,
          rows: codeSets.rowsOf({ realm: identity.realm, userId: identity.id, deviceType: type }, codes),
        },
        audit(call, owner, 'RECOVERY_CREATED', 'renewed', { type }),
      ];
      // The devices are written as they are: of two renewals at once one wins, and none outlives a removal.
      const changes = newest.flatMap(({ type, device }): readonly Change[] =>
        device === undefined ? [] : [device.written().change, ...replaced(type)],
      );
      return write(owner, changes, ok({ recoveryCodes: codes }));
    },
    pause: async (call, owner) => {
      if (typeOf(call) !== 'push') return badRequest('Only requests to phones can be paused: use 2fa/push.');
      // Whoever knows the password alone could keep the owner from the phone: users who have a factor have shown it in the session.
      const refusal = owner.isOwn
        ? await refusalOfOwnAccount(owner.caller, { ...options, factors: options }, 'anyAge')
        : owner.refusal('write');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner);
      if (isAnswer(reason)) return reason;
      const now = clock.now();
      const changes = [...pauseOf(owner.identity.id, now), audit(call, owner, 'PUSH_PAUSED', 'account', reason)];
      // Pauses have a bound of their own: one an hour.
      return write(owner, changes, ok({ result: true }), 'ofAccount');
    },
    reset: async (call, owner) => {
      const refusal = owner.refusal('remove');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner, reasonOfRemoval);
      if (isAnswer(reason)) return reason;
      const changes: Change[] = [
        ...factorReset(options.configuration, owner.identity, [typeOf(call)]),
        audit(call, owner, 'MFA_RESET', typeOf(call), reason),
      ];
      return write(owner, changes, ok({ result: true }), 'ofAccount');
    },
  };

  return {
    'GET users/:user/devices/2fa/:type': withOwner(async (call, { identity }) => {
      const isForPage = header(call.request, 'x-assent-page') !== undefined;
      const result = (await devicesOf(call, identity)).map(({ item, itemForPage }) => (isForPage ? itemForPage : item));
      return ok(formatQueryResult(result));
    }),
    'GET users/:user/devices/2fa/:type/:id': withOwner(async (call, { identity }) => {
      const { id } = call.names;
      const device = (await devicesOf(call, identity)).find(
        ({ uuid, alsoKnownAs }) => uuid === id || alsoKnownAs === id,
      );
      return device === undefined ? deviceNotFound(call) : ok(device.item);
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
      const reason = reasonFor(call, owner);
      if (isAnswer(reason)) return reason;
      const { change, item } = device.written(deviceName);
      return write(owner, [change, audit(call, owner, 'DEVICE_RENAME', device.uuid, reason)], ok(item));
    }),
    'DELETE users/:user/devices/2fa/:type/:id': withOwner(async (call, owner) => {
      const refusal = owner.refusal('remove');
      if (refusal !== undefined) return refusal;
      const reason = reasonFor(call, owner, reasonOfRemoval);
      if (isAnswer(reason)) return reason;
      const device = await find(call, owner);
      if (device === undefined) return deviceNotFound(call);
      const changes: Change[] = [
        device.removal,
        ...(typeOf(call) === 'oath' ? [setSkip(owner.identity, 'oath', NOT_SET)] : []),
        audit(call, owner, 'DEVICE_REMOVE', device.uuid, reason),
      ];
      return write(owner, changes, ok(device.item), 'ofAccount');
    }),
  };
};
