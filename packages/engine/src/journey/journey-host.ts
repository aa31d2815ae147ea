import type { RealmSettings } from '../model/configuration.ts';
import { JourneyError } from '../model/errors.ts';
import { timeOrderedUuid } from '../model/time-ordered-uuid.ts';
import type { JourneyRequest } from '../node/journey-request.ts';
import type { JourneyDependencies } from '../step/journey-requests.ts';
import type { CompiledTree } from '../tree/compiled-tree.ts';
import { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import { Turns } from '../unit-of-work/turns.ts';
import { JourneyTrees } from './journey-trees.ts';

/** What all requests of journeys share. */
export class JourneyHost {
  readonly dependencies: JourneyDependencies;
  readonly trees: JourneyTrees;
  readonly #turns = new Turns();

  constructor(dependencies: JourneyDependencies) {
    this.dependencies = dependencies;
    this.trees = new JourneyTrees(dependencies);
  }

  get now(): number {
    return this.dependencies.clock.now();
  }

  realm(path: string): RealmSettings {
    const realm = this.dependencies.configuration.realm(path);
    if (realm === undefined) throw new JourneyError('REALM_UNKNOWN', { realm: path });
    return realm;
  }

  /** Throws where too many have begun at that address, and none of them has come to an end. */
  demandBeginning({ clientAddress }: JourneyRequest): void {
    const retryAfterSeconds = this.dependencies.beginnings?.wait(clientAddress) ?? 0;
    if (retryAfterSeconds > 0) throw new JourneyError('TOO_MANY_BEGUN', { retryAfterSeconds });
  }

  newJourneyId(): string {
    return timeOrderedUuid(this.dependencies.random, this.now);
  }

  unitOfWork(realm: RealmSettings, journeyId: string, request: JourneyRequest): JourneyUnitOfWork {
    return new JourneyUnitOfWork(realm, journeyId, request, this.dependencies.committer, this.#turns);
  }

  /** When a journey in this tree that begins or wakes now is over its time limit. */
  timeLimit({ published }: CompiledTree, realm: RealmSettings): number {
    return this.now + (published.tree.treeTimeout ?? realm.journeyMinutes) * 60_000;
  }
}
