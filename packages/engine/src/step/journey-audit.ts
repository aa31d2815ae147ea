import type { AuditEvent } from '../model/audit.ts';
import type { Clock } from '../model/clock.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { JourneyUnitOfWork } from '../unit-of-work/journey-unit-of-work.ts';
import type { JourneyReference } from './journey-requests.ts';

type Facts = Pick<AuditEvent, 'nodeType' | 'nodeId' | 'outcome' | 'detail'>;

/** Rows of the audit trail about one journey. */
export class JourneyAudit {
  readonly #unit: JourneyUnitOfWork;
  readonly #reference: Pick<JourneyReference, 'realm' | 'tree'>;
  readonly #clock: Clock;

  constructor(unit: JourneyUnitOfWork, reference: Pick<JourneyReference, 'realm' | 'tree'>, clock: Clock) {
    this.#unit = unit;
    this.#reference = reference;
    this.#clock = clock;
  }

  stage(event: string, userId: string | undefined, facts?: Facts): void {
    this.#unit.stage(this.row(event, userId, facts));
  }

  row(event: string, userId: string | undefined, facts?: Facts): EngineChange {
    return {
      type: 'audit.append',
      event: {
        at: this.#clock.now(),
        event,
        realm: this.#reference.realm,
        transactionId: this.#unit.request.transactionId,
        journey: this.#reference.tree,
        ...(userId !== undefined && { userId }),
        ...facts,
      },
    };
  }
}
