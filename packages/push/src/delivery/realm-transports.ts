import type { Configuration } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import type { z } from 'zod';
import type { CommunicationType } from '../protocol/index.ts';
import { APNS_SERVICE, type ApnsService, apnsService } from './apns-service.ts';
import { FCM_SERVICE, type FcmService, fcmService } from './fcm-service.ts';
import {
  missingSnsFields,
  PUSH_SERVICE,
  type PushNotificationService,
  pushNotificationService,
} from './push-service.ts';
import type { PushTransport, PushTransports } from './push-transport.ts';
import { isDirectAddress } from './transports/direct-address.ts';

export interface RealmTransportsOptions {
  readonly configuration: Pick<Configuration, 'service'>;
  /** What to wait for to have the newest services of a realm; absent where they were read just now. */
  readonly catchUp?: (realm: string) => Promise<void> | undefined;
  readonly relay: PushTransport;
  readonly webpush: PushTransport;
  readonly sns: (settings: PushNotificationService, realm: string) => PushTransport;
  readonly fcm: (settings: FcmService, realm: string) => PushTransport;
  readonly apns: (settings: ApnsService, realm: string) => PushTransport;
}

interface PushOfRealm {
  readonly settings: PushNotificationService;
  sns: PushTransport | undefined;
}

/**
 * The transports of all realms: what phones fetch by themselves, the push services of browsers, and for the official apps Google and Apple
 * themselves or Amazon in front of them. A phone that has an address of Amazon's keeps it until it refreshes, so while a realm moves from
 * one to the other, both serve (OPS-47).
 */
export function realmTransports({
  configuration,
  catchUp = () => undefined,
  relay,
  webpush,
  sns,
  fcm,
  apns,
}: RealmTransportsOptions): PushTransports {
  const ofRealm = madeOfService(
    configuration,
    PUSH_SERVICE,
    pushNotificationService,
    (settings): PushOfRealm => ({ settings, sns: undefined }),
  );
  const direct = {
    gcm: madeOfService(configuration, FCM_SERVICE, fcmService, fcm),
    apns: madeOfService(configuration, APNS_SERVICE, apnsService, apns),
  };

  const bySns = (realm: string, push: PushOfRealm, type: 'gcm' | 'apns'): PushTransport | undefined => {
    if (missingSnsFields(push.settings, type).length > 0) return undefined;
    push.sns ??= sns(push.settings, realm);
    return push.sns;
  };

  const find = (realm: string, communicationType: string, address?: string): PushTransport | undefined => {
    const push = ofRealm(realm);
    if (push === undefined) return undefined;
    if (communicationType === 'relay') return relay;
    if (communicationType === 'webpush') return webpush;
    if (communicationType !== 'gcm' && communicationType !== 'apns') return undefined;
    if (address === undefined) return direct[communicationType](realm) ?? bySns(realm, push, communicationType);
    return isDirectAddress(communicationType, address)
      ? direct[communicationType](realm)
      : bySns(realm, push, communicationType);
  };

  return {
    find,
    catchUp,
    hasService: (realm) => ofRealm(realm) !== undefined,
    served: (realm) =>
      (['relay', 'webpush', 'gcm', 'apns'] satisfies CommunicationType[]).filter((it) => find(realm, it) !== undefined),
    missing(realm, communicationType) {
      const push = ofRealm(realm);
      if (push === undefined) return `The realm has no usable ${PUSH_SERVICE} service.`;
      if (communicationType !== 'gcm' && communicationType !== 'apns') {
        return `There is no transport for ${communicationType}.`;
      }
      const ours = communicationType === 'gcm' ? FCM_SERVICE : APNS_SERVICE;
      const fields = missingSnsFields(push.settings, communicationType);
      return `The realm has no usable ${ours} service, and its ${PUSH_SERVICE} service lacks ${fields.join(', ')}, so that no ${communicationType} phone can be reached.`;
    },
  };
}

interface Kept<T> {
  document: ServiceDocument;
  readonly settings: string;
  readonly made: T | undefined;
}

/**
 * What is made of a service of a realm, as long as its settings stay as they are. Any change of the configuration brings new documents; a
 * connection or a token of a provider that had to be made anew each time would have the provider refuse us.
 */
const madeOfService = <Settings, T>(
  configuration: Pick<Configuration, 'service'>,
  type: string,
  schema: z.ZodType<Settings>,
  make: (settings: Settings, realm: string) => T,
): ((realm: string) => T | undefined) => {
  const byRealm = new Map<string, Kept<T>>();
  return (realm) => {
    const document = configuration.service(realm, type);
    if (document === undefined) {
      byRealm.delete(realm);
      return undefined;
    }
    const known = byRealm.get(realm);
    if (known?.document === document) return known.made;
    const settings = JSON.stringify(document.config);
    if (known?.settings === settings) {
      known.document = document;
      return known.made;
    }
    const read = schema.safeParse(document.config);
    const made = read.success ? make(read.data, realm) : undefined;
    byRealm.set(realm, { document, settings, made });
    return made;
  };
};
