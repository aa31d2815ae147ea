import type { RealmSettings } from '../model/configuration.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import type { Committer } from '../unit-of-work/changes.ts';
import { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { Turns } from '../unit-of-work/turns.ts';
import { fakeRequest, testRealm } from './fake-request.ts';

const COMMITS_ALL: Committer = { commit: async () => ({ committed: true }) };

/** The unit of work of journeys itself, without a journey around it: tests read what was staged off it. */
export const testUnitOfWork = ({
  realm = testRealm(),
  journeyId = 'test-journey',
  request = fakeRequest(),
  committer = COMMITS_ALL,
  turns = new Turns(),
}: {
  readonly realm?: RealmSettings;
  readonly journeyId?: string;
  readonly request?: JourneyRequest;
  readonly committer?: Committer;
  readonly turns?: Turns;
} = {}): JourneyUnitOfWork => new JourneyUnitOfWork(realm, journeyId, request, committer, turns);
