import type { Clock, Configuration, Random } from '@assent/engine';
import type { IdentityDirectory, IsKnownSource, ThrottleReader } from '@assent/engine/host';
import type { PushDispatcher } from '../delivery/dispatcher.ts';
import type { HintBus } from '../delivery/hints.ts';
import type { PushTransports } from '../delivery/push-transport.ts';
import type { DeviceReader } from '../model/devices.ts';
import type { MessageReader } from '../model/messages.ts';

/** What push stands on; bound at the composition root. */
export interface PushDependencies {
  readonly messages: MessageReader;
  readonly devices: DeviceReader;
  readonly throttles: ThrottleReader;
  readonly isKnownSource: IsKnownSource;
  readonly identities: IdentityDirectory;
  readonly configuration: Pick<Configuration, 'service' | 'realm'>;
  readonly transports: PushTransports;
  readonly dispatcher: Pick<PushDispatcher, 'dispatch' | 'sendNow'>;
  /** Which instance sends what is committed here. */
  readonly instance: string;
  readonly hints: HintBus;
  readonly clock: Clock;
  readonly random: Random;
  /** Configured base with the context path, e.g. `https://id.example.net/am`; nothing a request says (SEC-08). */
  readonly publicUrl: string;
  /** A whole `name=value`; some phones refuse codes and messages without it. */
  readonly loadBalancerCookie: string;
  /** Sealed key under which recovery codes are kept. */
  readonly codePepper: Uint8Array;
}
