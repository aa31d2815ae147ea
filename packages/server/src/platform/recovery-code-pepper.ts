import type { Store } from '@assent/store';
import { systemRandom } from './system-ports.ts';

/** The sealed key of the installation under which recovery codes are kept (SEC-44). */
export const recoveryCodePepper = (store: Pick<Store, 'secrets'>): Promise<Uint8Array> =>
  store.secrets.getOrCreate('recovery-code-pepper', () => systemRandom.bytes(32));
