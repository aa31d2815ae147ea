import { firstSettings, type PhoneSettings, type PhoneStore } from '../accounts/phone-store.ts';
import type { UserVerifier } from '../browser/user-verifier.ts';
import type { SignInRequest } from '../server/sign-in-request.ts';
import type { Verification } from './request-desk.ts';

/** What the owner has set, and whether it is the owner who holds the phone. */
export interface OwnerCheck {
  settings(): PhoneSettings;
  canVerify(): boolean;
  load(): Promise<void>;
  change(change: Partial<PhoneSettings>): Promise<void>;
  /** Before an approval, where the request or the owner demands it. */
  verify(request: Pick<SignInRequest, 'demandsVerification'>): Promise<Verification>;
  /** Approvals ask for the holder from now on; false where that could not be set up. */
  alwaysVerify(isOn: boolean): Promise<boolean>;
}

export const createOwnerCheck = (
  store: Pick<PhoneStore, 'settings' | 'putSettings'>,
  verifier: UserVerifier,
  onChange: () => void,
): OwnerCheck => {
  let settings: PhoneSettings = firstSettings;
  let canVerify = false;

  const change = async (changed: Partial<PhoneSettings>): Promise<void> => {
    settings = { ...settings, ...changed };
    onChange();
    await store.putSettings(settings);
  };
  const enrol = async (): Promise<string | undefined> => {
    const verifierId = await verifier.enrol();
    if (verifierId !== undefined) await change({ verifierId });
    return verifierId;
  };

  return {
    settings: () => settings,
    canVerify: () => canVerify,
    async load() {
      [settings, canVerify] = await Promise.all([store.settings(), verifier.isAvailable()]);
    },
    change,
    async verify({ demandsVerification }) {
      if (!demandsVerification && !settings.alwaysVerifies) return 'passed';
      if (!canVerify) return 'impossible';
      const id = settings.verifierId ?? (await enrol());
      return id !== undefined && (await verifier.check(id)) ? 'passed' : 'failed';
    },
    async alwaysVerify(isOn) {
      const id = !isOn || settings.verifierId !== undefined ? settings.verifierId : await enrol();
      // The owner who switches it off proves to be the one who switched it on.
      const isAllowed = id !== undefined && (isOn || (await verifier.check(id)));
      if (isAllowed) await change({ alwaysVerifies: isOn });
      return isAllowed;
    },
  };
};
