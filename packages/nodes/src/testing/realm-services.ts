import type { UnitOfWork } from '@assent/engine/host';
import { testRealm } from '@assent/engine/testing';
import { type SelfService, selfServiceAdapter } from '../identity/self-service/self-service.ts';

/** The `selfService` port of a realm that has these services, by name. */
export const realmServices = (
  services: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): SelfService =>
  selfServiceAdapter({
    service: (realm, type) => {
      const config = services[type];
      return config && { realm, type, config };
    },
  })({ realm: testRealm() } as UnitOfWork);
