import type {
  BackChannelStart,
  ContinueRequest,
  JourneyAnswer,
  JourneyDependencies,
  JourneyStatus,
  ResumeRequest,
  StartRequest,
} from '../step/journey-requests.ts';
import { startBackChannel } from './back-channel.ts';
import { continueJourney } from './continue.ts';
import { JourneyHost } from './journey-host.ts';
import { preview } from './preview.ts';
import { resume } from './resume.ts';
import { start } from './start.ts';
import { status } from './status.ts';

/**
 * Runs journeys: starts them, moves them on by one request at a time, and ends them. Each kind of request has a file of its
 * own, and all that may move a journey go through the same steps (`request-steps.ts`).
 */
export class Journeys {
  readonly #host: JourneyHost;

  constructor(dependencies: JourneyDependencies) {
    this.#host = new JourneyHost(dependencies);
  }

  start(request: StartRequest): Promise<JourneyAnswer> {
    return start(this.#host, request);
  }

  preview(request: StartRequest): Promise<JourneyAnswer | undefined> {
    return preview(this.#host, request);
  }

  continue(request: ContinueRequest): Promise<JourneyAnswer> {
    return continueJourney(this.#host, request);
  }

  status(request: Pick<ContinueRequest, 'realm' | 'reference'>): Promise<JourneyStatus | undefined> {
    return status(this.#host, request);
  }

  resume(request: ResumeRequest): Promise<JourneyAnswer> {
    return resume(this.#host, request);
  }

  startBackChannel(request: BackChannelStart): Promise<JourneyAnswer> {
    return startBackChannel(this.#host, request);
  }
}
