import type { RealmSettings } from '../model/configuration.ts';
import type { JourneyParameters } from '../step/journey-requests.ts';
import type { Carried } from '../step/stored-state.ts';

/** What a journey knows before its first node. */
export const beginning = (realm: RealmSettings, { goto, gotoOnFail }: JourneyParameters): Carried => ({
  shared: {
    realm: realm.realm,
    authLevel: 0,
    ...(goto !== undefined && { userGotoParam: goto }),
    ...(gotoOnFail !== undefined && { userGotoOnFailParam: gotoOnFail }),
  },
  secure: {},
  sessionOptions: { properties: {} },
  visited: [],
});

/**
 * The parameters of a journey after a request that may ask for no session; the same object where the request adds nothing,
 * so that it is seen at once that nothing has to be stored.
 */
export const withNoSession = (parameters: JourneyParameters, noSession = false): JourneyParameters =>
  noSession && parameters.noSession !== true ? { ...parameters, noSession } : parameters;
