import type { JourneyRequest, RealmSettings } from '@assent/engine';
import { type CommitResult, type Committer, JourneyUnitOfWork, Turns } from '@assent/engine/host';
import { fakeRequest, testRealm } from '@assent/engine/testing';

interface TestUnitOfWorkOptions {
  readonly committer: Committer;
  readonly realm?: RealmSettings;
  readonly journeyId?: string;
  readonly turns?: Turns;
  readonly from?: Visitor;
  /** Who asks, where that matters. */
  readonly request?: Partial<JourneyRequest>;
}

/** Where a request comes from: an address, and a browser that the user has signed in with. */
export interface Visitor {
  readonly address?: string;
  readonly browser?: string;
}

/** A unit of work whose commit the test asks for. */
export class TestUnitOfWork extends JourneyUnitOfWork {
  readonly #committer: Committer;

  constructor({
    committer,
    realm = testRealm(),
    journeyId = 'journey-1',
    turns = new Turns(),
    from: { address = '198.51.100.7', browser } = {},
    request: given = {},
  }: TestUnitOfWorkOptions) {
    const request = {
      ...fakeRequest({ clientAddress: address, locales: [] }),
      transactionId: 'transaction-1',
      ...(browser !== undefined && { browserKnownTo: () => browser }),
      ...given,
    };
    super(realm, journeyId, request, committer, turns);
    this.#committer = committer;
  }

  /** Commits what was staged; what follows a commit runs where it stands. */
  async commit(): Promise<CommitResult> {
    const result = await this.#committer.commit(this.toCommit);
    if (result.committed) for (const effect of this.effects) effect();
    this.release();
    return result;
  }
}
