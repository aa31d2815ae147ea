import type { Clock } from '@assent/engine';
import type { PushEnvelope } from '../model/messages.ts';
import { ProviderBreakers } from './provider-breaker.ts';
import type { PushObserver } from './push-observer.ts';
import {
  BREAKER_OPEN,
  type PhoneRing,
  type PushTransport,
  type SendResult,
  TRANSPORT_FAILURE,
} from './push-transport.ts';

export interface ProviderCallsDependencies {
  readonly clock: Clock;
  /** That a provider is down, and up again; never an address. */
  readonly observer?: PushObserver;
  readonly log: { warn(msg: string, fields: Readonly<Record<string, unknown>>): void };
}

/**
 * Whatever this instance sends to push providers, messages and withdrawals alike: one that is down is left alone by all of it, and what is
 * sent of one kind says for the other whether it is (OPS-45).
 */
export class ProviderCalls {
  readonly #breakers: ProviderBreakers;
  readonly #log: ProviderCallsDependencies['log'];
  readonly #observer: PushObserver | undefined;

  constructor({ clock, log, observer }: ProviderCallsDependencies) {
    this.#breakers = new ProviderBreakers(clock);
    this.#log = log;
    this.#observer = observer;
  }

  /** What came of it; `BreakerOpen` where nobody has called, with the time until somebody may. */
  async send(transport: PushTransport, realm: string, envelope: PushEnvelope, ring?: PhoneRing): Promise<SendResult> {
    const { communicationType, communicationId } = envelope;
    const retryAfterMillis = this.#breakers.waitFor(transport, communicationId);
    const called = { realm, communicationType, provider: transport.providerOf?.(communicationId) ?? communicationType };
    if (retryAfterMillis > 0) {
      this.#observer?.leftAlone(called);
      return { status: 'failed', permanent: false, cause: BREAKER_OPEN, blame: 'provider', retryAfterMillis };
    }
    const send = () => this.#sendBy(transport, realm, envelope, ring);
    const result = await (this.#observer?.call(called, send, ring) ?? send());
    const became = this.#breakers.note(transport, communicationId, result);
    if (became !== undefined) this.#observer?.breaker(called, became);
    const fields = { realm, communicationType };
    if (became === 'opened' && result.status === 'failed') {
      this.#log.warn('A push provider is down, and left alone for a while.', { ...fields, cause: result.cause });
    }
    if (became === 'closed') this.#log.warn('A push provider is up again.', fields);
    return result;
  }

  async #sendBy(
    transport: PushTransport,
    realm: string,
    envelope: PushEnvelope,
    ring?: PhoneRing,
  ): Promise<SendResult> {
    try {
      return await transport.send(envelope, ring);
    } catch (error) {
      this.#log.warn('A push transport threw.', { realm, cause: error instanceof Error ? error.name : 'Unknown' });
      return { status: 'failed', permanent: false, cause: TRANSPORT_FAILURE };
    }
  }
}
