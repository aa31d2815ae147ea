import { type DeviceReader, type PushTrace, type PushTraces, stepInWords, whatToDo } from '@assent/push';
import { formatQueryResult, type JsonObject } from '@assent/wire';
import { type AccountPorts, accountFor } from '../../authorization/account.ts';
import { administered, isAnswer, NOT_FOUND } from '../../authorization/administration.ts';
import { badRequest, ok, type Routes } from '../../http/call.ts';
import { pageSizeOf } from '../users/page-size.ts';

export interface PushTraceRoutesOptions extends AccountPorts {
  readonly traces: PushTraces;
  readonly devices: Pick<DeviceReader, 'ofUser'>;
}

const USUAL_PAGE = 20;
/** A place in the trail, as stores have it: a number, or a UUID. */
const PLACE = /^(?:\d{1,15}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;
const TRACE_ID = /^[\w-]{1,64}\.[\w-]{22}$/;

/** A trace as help desks read it: no address, no secret, and nothing to answer with. */
const record = (trace: PushTrace, names: ReadonlyMap<string, string>): JsonObject => ({
  _id: trace.id,
  time: new Date(trace.createdAt).toISOString(),
  complete: trace.isComplete,
  steps: trace.steps.map((step) => ({
    step: step.step,
    time: new Date(step.at).toISOString(),
    ...(step.by !== undefined && { instance: step.by }),
    ...(step.device !== undefined && { phone: step.device }),
    ...(step.device !== undefined && names.has(step.device) && { phoneName: names.get(step.device) ?? '' }),
    ...(step.cause !== undefined && { cause: step.cause }),
    text: stepInWords(step),
  })),
  todo: whatToDo(trace),
});

/**
 * `push/trace?user=…` and `push/trace/{id}`: what became of requests to phones (OPS-50), for whoever may read the devices of the realm.
 * It reads rows that are there anyway.
 */
export const pushTraceRoutes = (options: PushTraceRoutesOptions): Routes => {
  const guarded = administered(options, 'devices');
  const namesOf = async (userId: string): Promise<ReadonlyMap<string, string>> =>
    new Map((await options.devices.ofUser(userId)).map(({ uuid, deviceName }) => [uuid, deviceName]));

  return {
    'GET push/trace': guarded(async (call, caller) => {
      const { user, _pagedResultsCookie: before } = call.query;
      if (user === undefined || user === '') return badRequest('Say whose requests: ?user= and the username.', 'user');
      const size = pageSizeOf(call, USUAL_PAGE);
      if (typeof size !== 'number') return size;
      if (before !== undefined && !PLACE.test(before)) {
        return badRequest('_pagedResultsCookie is not one of this server.', '_pagedResultsCookie');
      }
      const account = await accountFor(caller, call, user, options, 'devices:read');
      if (isAnswer(account)) return account;
      const { id } = account.identity;
      const { traces, next } = await options.traces.ofUser(id, { limit: size, before });
      const names = await namesOf(id);
      return ok(
        formatQueryResult(
          traces.map((trace) => record(trace, names)),
          next === undefined ? {} : { cookie: next },
        ),
      );
    }),
    'GET push/trace/:id': guarded(async (call) => {
      const { id = '' } = call.names;
      const trace = TRACE_ID.test(id) ? await options.traces.find(id) : undefined;
      // That of another realm is as little there as one that never was (SEC-72).
      if (trace === undefined || trace.realm !== call.realmPath) return NOT_FOUND;
      return ok(record(trace, await namesOf(trace.userId)));
    }),
  };
};
