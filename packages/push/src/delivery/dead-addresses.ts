import type { Clock } from '@assent/engine';
import type { Committer } from '@assent/engine/host';
import { isUnreachable } from '../model/device-rules.ts';
import type { DeviceChange, DeviceReader } from '../model/devices.ts';
import type { PushEnvelope, PushMessage } from '../model/messages.ts';
import { auditOfDelivery, detailOfDelivery } from './delivery-audit.ts';

/** A phone that was changed each time while it was looked at is left to the next message. */
const MAX_TRIES = 3;

type Sent = PushMessage & { readonly envelope: PushEnvelope };

interface DeadAddressesDependencies {
  readonly instance: string;
  readonly devices: Pick<DeviceReader, 'get'>;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly log: { warn(msg: string, fields: Readonly<Record<string, unknown>>): void };
}

/** Marks phones whose provider has called their address dead, so that they are not rung any more and their users are told (OPS-49, REL-09). */
export class DeadAddresses {
  readonly #with: DeadAddressesDependencies;

  constructor(dependencies: DeadAddressesDependencies) {
    this.#with = dependencies;
  }

  /** Never fails: where the phone cannot be marked, the next message to it finds the same out again. */
  async mark(sent: Sent, cause: string): Promise<void> {
    try {
      for (let tries = 1; tries <= MAX_TRIES && !(await this.#isMarked(sent, cause)); tries += 1);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'Unknown';
      this.#with.log.warn('A dead address could not be marked.', { cause: name });
    }
  }

  /**
   * False where the phone was changed while it was looked at. A phone that has another address by now stays as it is, since a phone that
   * refreshes may be quicker than what is said of its old address. Of all instances that find the same out, one writes it.
   */
  async #isMarked(sent: Sent, cause: string): Promise<boolean> {
    const { devices, committer, clock, instance } = this.#with;
    const { communicationType, communicationId } = sent.envelope;
    const device = await devices.get(sent.deviceUuid);
    const isSame = device?.communicationId === communicationId && device.communicationType === communicationType;
    if (!isSame || isUnreachable(device)) return true;
    const at = clock.now();
    const result = await committer.commit([
      { type: 'device.update', row: { ...device, channelDeadAt: at } } satisfies DeviceChange,
      auditOfDelivery('DEVICE_CHANNEL_DEAD', sent, { at, outcome: cause, detail: detailOfDelivery(sent, instance) }),
    ]);
    return result.committed;
  }
}
