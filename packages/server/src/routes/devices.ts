import {
  type AuditEvent,
  type Change,
  type Clock,
  type Committer,
  type Configuration,
  foldUsername,
  type Identity,
  type IdentityDirectory,
  type Random,
  type Session,
} from '@assent/engine';
import {
  type DeviceReader,
  type DeviceType,
  type OathDevice,
  type OathDeviceReader,
  type PushDevice,
  skipAttribute,
} from '@assent/push';
import { cleanText } from '@assent/push/protocol';
import { errorBody, isJsonObject } from '@assent/wire';
import { type Answer, type Call, ok, type Routes } from '../http/call.ts';
import type { Cookies } from '../http/cookies.ts';
import type { LiveSessions } from '../live-sessions.ts';
import { type Access, hasUsedDeviceFactor } from './access.ts';
import { callerOf, FORBIDDEN, isAnswer, mayActOn, mayDo, NOT_FOUND } from './administration.ts';

export interface DevicesRoutesOptions {
  readonly sessions: LiveSessions;
  readonly cookies: Cookies;
  readonly identities: IdentityDirectory;
  readonly devices: DeviceReader;
  readonly oathDevices: OathDeviceReader;
  readonly configuration: Configuration;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly random: Random;
}

/** Values of a skip setting (spec: nodes-mfa §2.5). */
const SKIPPABLE = '1';
const NOT_SKIPPABLE = '2';
const NOT_SET = '0';

const LONGEST_NAME = 64;

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

const STEP_UP: Answer = {
  status: 403,
  body: errorBody(403, 'Sign in with your phone or a recovery code first, then change your devices.'),
};

interface Owner {
  readonly identity: Identity;
  readonly session: Session;
  /** Why the caller may not do that to devices that it may see; undefined where it may. */
  refusal(access: Access): Answer | undefined;
}

/** `users/{user}/devices/2fa/{push|oath}` (push-protocol §9). Whose devices they are is decided by the session alone. */
export const devicesRoutes = (options: DevicesRoutesOptions): Routes => {
  const { identities, committer, clock } = options;

  /** The same 403 whether the named user exists or not (SEC-52). */
  const ownerOf = async (call: Call): Promise<Owner | Answer> => {
    const caller = await callerOf(call, options);
    if (isAnswer(caller)) return caller;
    const { session } = caller;
    const isOwn =
      session.realm === call.realmPath && foldUsername(session.username) === foldUsername(call.names.user ?? '');
    if (isOwn) {
      const refusal = hasUsedDeviceFactor(session) || caller.roles.includes('owner') ? undefined : STEP_UP;
      return { identity: caller.identity, session, refusal: () => refusal };
    }
    if (!mayDo(caller, call.realmPath, 'devices:read')) return FORBIDDEN;
    const identity = await identities.find(call.realmPath, call.names.user ?? '');
    if (identity === undefined) return NOT_FOUND;
    const refusal = (access: Access) =>
      mayDo(caller, call.realmPath, `devices:${access}`) && mayActOn(caller, identity) ? undefined : FORBIDDEN;
    return { identity, session, refusal };
  };

  const typeOf = (call: Call): DeviceType => (call.names.type === 'oath' ? 'oath' : 'push');

  const audit = (call: Call, { identity, session }: Owner, event: string, outcome: string): Change => ({
    verb: 'audit.append',
    event: {
      at: clock.now(),
      event,
      realm: call.realmPath,
      transactionId: call.transactionId,
      userId: identity.id,
      outcome,
      ...(session.userId !== identity.id && { detail: { by: session.userId } }),
    } satisfies AuditEvent,
  });

  const setSkip = (identity: Identity, type: DeviceType, value: string): Change => ({
    verb: 'identity.attributes',
    id: identity.id,
    seenRev: identity.rev,
    attributes: { [skipAttribute(options.configuration, identity.realm, type)]: [value] },
  });

  const write = async (changes: readonly Change[], done: Answer): Promise<Answer> => {
    const result = await committer.commit(changes);
    return result.committed
      ? done
      : { status: 409, body: errorBody(409, 'The devices have changed meanwhile. Try again.') };
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

  const notFound = (call: Call): Answer => ({
    status: 404,
    body: errorBody(404, `User device, ${(call.names.id ?? '').slice(0, 64)}, not found.`),
  });

  const actions: Readonly<Record<string, (call: Call, owner: Owner) => Promise<Answer>>> = {
    check: async (call, { identity }) => {
      const attribute = skipAttribute(options.configuration, identity.realm, typeOf(call));
      const [value] = identity.attributes[attribute] ?? [];
      const stored = await devicesOf(call, identity);
      return ok({ result: value === SKIPPABLE && stored.length === 0 });
    },
    skip: async (call, owner) => {
      const value = isJsonObject(call.body) ? call.body.value : undefined;
      if (typeof value !== 'boolean')
        return { status: 400, body: errorBody(400, 'The body needs "value": true or false.') };
      // Users decide that for themselves without another factor.
      const refusal = owner.session.userId === owner.identity.id ? undefined : owner.refusal('write');
      if (refusal !== undefined) return refusal;
      const stored = await devicesOf(call, owner.identity);
      if (value && stored.length > 0) return FORBIDDEN;
      const changes = [
        setSkip(owner.identity, typeOf(call), value ? SKIPPABLE : NOT_SKIPPABLE),
        audit(call, owner, 'OPTOUT_SET', String(value)),
      ];
      return write(changes, ok({}));
    },
    reset: async (call, owner) => {
      const refusal = owner.refusal('remove');
      if (refusal !== undefined) return refusal;
      const changes: Change[] = [
        { verb: typeOf(call) === 'oath' ? 'oath.deleteAll' : 'device.deleteAll', userId: owner.identity.id },
        setSkip(owner.identity, typeOf(call), NOT_SET),
        audit(call, owner, 'MFA_RESET', typeOf(call)),
      ];
      return write(changes, ok({ result: true }));
    },
  };

  return {
    'GET users/:user/devices/2fa/:type': withOwner(async (call, { identity }) => {
      const result = (await devicesOf(call, identity)).map(item);
      return ok({
        result,
        resultCount: result.length,
        pagedResultsCookie: null,
        totalPagedResultsPolicy: 'NONE',
        totalPagedResults: -1,
        remainingPagedResults: -1,
      });
    }),
    'POST users/:user/devices/2fa/:type': withOwner(async (call, owner) => {
      const name = call.query._action ?? '';
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      return action === undefined
        ? { status: 501, body: errorBody(501, 'Action not supported: use check, skip or reset.') }
        : action(call, owner);
    }),
    'PUT users/:user/devices/2fa/:type/:id': withOwner(async (call, owner) => {
      const refusal = owner.refusal('write');
      if (refusal !== undefined) return refusal;
      const device = await find(call, owner);
      if (device === undefined) return notFound(call);
      const name = isJsonObject(call.body) ? call.body.deviceName : undefined;
      const deviceName = typeof name === 'string' ? cleanText(name).trim() : '';
      if (deviceName === '' || deviceName.length > LONGEST_NAME) {
        return { status: 400, body: errorBody(400, `deviceName must have 1 to ${LONGEST_NAME} characters.`) };
      }
      const row = { ...device, deviceName };
      const verb = typeOf(call) === 'oath' ? 'oath.update' : 'device.update';
      const changes: Change[] = [{ verb, row } as Change, audit(call, owner, 'DEVICE_RENAME', device.uuid)];
      return write(changes, ok(item({ ...row, rev: row.rev + 1 })));
    }),
    'DELETE users/:user/devices/2fa/:type/:id': withOwner(async (call, owner) => {
      const refusal = owner.refusal('remove');
      if (refusal !== undefined) return refusal;
      const device = await find(call, owner);
      if (device === undefined) return notFound(call);
      const changes: Change[] = [
        { verb: typeOf(call) === 'oath' ? 'oath.delete' : 'device.delete', uuid: device.uuid },
        ...(typeOf(call) === 'oath' ? [setSkip(owner.identity, 'oath', NOT_SET)] : []),
        audit(call, owner, 'DEVICE_REMOVE', device.uuid),
      ];
      return write(changes, ok(item(device)));
    }),
  };
};
