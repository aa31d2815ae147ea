import type { IdentityDirectory } from '@assent/engine/host';
import type { OathDeviceReader, PasskeyReader } from '@assent/factors';
import type { DeviceReader, PushTransports } from '@assent/push';
import type { Pages } from '../pages/pages.ts';
import { placeOfData } from '../platform/open-store.ts';
import { issuerOf } from '../realms/issuer.ts';
import type { LiveConfiguration } from '../realms/live-configuration.ts';
import { isLoopback } from '../settings/loopback.ts';
import type { Settings } from '../settings/settings.ts';
import { ADMINISTRATOR, DEMO_CLIENT, DEMO_USER, type Seeded } from './seed.ts';

/** What the first screen may promise, because it answers. */
export interface FirstScreen {
  readonly login: string;
  readonly phone?: string;
  readonly designer?: string;
  readonly account?: string;
  /** What applications are told of the root realm, with the one that was seeded to try it. */
  readonly issuer: string;
  readonly demoClient?: string;
  readonly demoUser?: { readonly name: string; readonly password: string };
  /** Only when it was generated now. */
  readonly adminPassword?: string;
  /** Where the administrator connects the phone that is needed to administer, as long as there is no phone, app or passkey. */
  readonly connectPhone?: { readonly name: string; readonly url: string };
  readonly data: string;
  /** What is switched off for lack of configuration. */
  readonly off: readonly string[];
}

/** Whether a password alone administers what others than this machine reach; a server to try things out is left alone. */
export const lacksAdminSecondFactor = (settings: Pick<Settings, 'adminSecondFactor' | 'publicUrl'>): boolean =>
  !settings.adminSecondFactor && !isLoopback(new URL(settings.publicUrl).hostname);

/** Whether the administrator of the first start has nothing yet by which the second factor would be shown. */
const isWithoutFactor = async ({ settings, identities, ...readers }: Facts): Promise<boolean> => {
  if (!settings.adminSecondFactor) return false;
  const administrator = await identities.find('/', ADMINISTRATOR);
  if (administrator?.active !== true) return false;
  const { devices, oathDevices, passkeys } = readers;
  const factors = await Promise.all([devices, oathDevices, passkeys].map((reader) => reader.ofUser(administrator.id)));
  return factors.flat().length === 0;
};

interface Facts {
  readonly settings: Settings;
  readonly pages: Pages;
  readonly hasPhone: boolean;
  readonly seeded: Seeded;
  readonly identities: IdentityDirectory;
  readonly devices: Pick<DeviceReader, 'ofUser'>;
  readonly oathDevices: Pick<OathDeviceReader, 'ofUser'>;
  readonly passkeys: Pick<PasskeyReader, 'ofUser'>;
  readonly transports: PushTransports;
  readonly configuration: Pick<LiveConfiguration, 'client'>;
}

export const firstScreen = async (facts: Facts): Promise<FirstScreen> => {
  const { settings, pages, hasPhone, seeded, identities, transports, configuration } = facts;
  const page = (name: string) => (pages.names.includes(name) ? `${settings.publicUrl}/${name}` : undefined);
  const designer = page('admin');
  const account = page('account');
  const hasDemo = settings.seed === 'demo' && (await identities.find('/', DEMO_USER.name)) !== undefined;
  const hasDemoClient = settings.seed === 'demo' && configuration.client('/', DEMO_CLIENT) !== undefined;
  const served = transports.served('/');
  const connectPhone = `${settings.publicUrl}/login?authIndexType=service&authIndexValue=PushLogin`;
  return {
    login: `${settings.publicUrl}/login`,
    ...(hasPhone && { phone: `${settings.publicUrl}/phone` }),
    ...(designer !== undefined && { designer }),
    ...(account !== undefined && { account }),
    issuer: issuerOf(settings.publicUrl, '/'),
    ...(hasDemoClient && { demoClient: DEMO_CLIENT }),
    ...(hasDemo && { demoUser: DEMO_USER }),
    ...(seeded.adminPassword !== undefined && { adminPassword: seeded.adminPassword }),
    ...((await isWithoutFactor(facts)) && { connectPhone: { name: ADMINISTRATOR, url: connectPhone } }),
    data: placeOfData(settings),
    off: [
      ...(served.includes('gcm') && served.includes('apns')
        ? []
        : ['push to official apps (no Google and Apple, and no Amazon: docs/guides/real-phones.md)']),
      ...(lacksAdminSecondFactor(settings) ? ['second factor of administrators (ASSENT_ADMIN_SECOND_FACTOR)'] : []),
    ],
  };
};
