import { expect } from 'vitest';
import {
  BY_PHONE,
  enrol,
  expectOptions,
  expectSession,
  expectWait,
  OPTION,
  passPassword,
  reachOptions,
  reachWait,
} from './steps.ts';
import { BOTH, type Walk } from './walk.ts';
import { devicesOf, newWalker, removeDevice, skipSettingOf, steeringOf } from './world.ts';

/** The skip setting and the devices disagree. */
export const settingWalks: readonly Walk[] = [
  {
    title:
      'R: the device was removed and the setting is still 2: opting out has no effect, and the user is asked again',
    journeys: BOTH,
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      await enrol(walker, journey);
      for (const device of await devicesOf(walker)) await removeDevice(walker, device);
      expect(await skipSettingOf(walker)).toBe('2');

      const login = await reachOptions(walker, journey);
      await login.press(OPTION.optOut);
      await expectSession(login, undefined);
      expect(await skipSettingOf(walker)).toBe('2');
      await reachOptions(walker, journey);
    },
  },
  {
    title: 'R: the codes of a removed device open nothing, and its phone is not known any more',
    journeys: ['PushLogin'],
    needs: 'nothing',
    async go(world, journey) {
      const walker = await newWalker(world);
      const { phone } = await enrol(walker, journey);
      const login = await reachWait(walker, journey);
      const request = await phone.request();
      for (const device of await devicesOf(walker)) await removeDevice(walker, device);
      expect((await phone.approve(request, expectWait(login))).status).toBe(400);
      await expect(phone.pending()).rejects.toThrow('401');
      expectOptions(await passPassword(walker, journey));
    },
  },
  ...(['0', '1'] as const).map(
    (setting): Walk => ({
      title: `T: the setting is ${setting} though there is a device: the device decides, and the phone is asked`,
      journeys: BOTH,
      needs: 'steering',
      async go(world, journey) {
        const walker = await newWalker(world);
        const { phone } = await enrol(walker, journey);
        await steeringOf(world).setAttributes(walker.username, walker.realm, { push2faEnabled: [setting] });
        const login = await reachWait(walker, journey);
        await phone.approve(await phone.request(), expectWait(login));
        await login.repost();
        await expectSession(login, BY_PHONE);
      },
    }),
  ),
];
