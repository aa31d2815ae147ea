import { callbackType, journey } from '@forgerock/journey-client';
import { Device } from '@forgerock/journey-client/device';
import { QRCode } from '@forgerock/journey-client/qr-code';
import { RecoveryCodes } from '@forgerock/journey-client/recovery-codes';

export const setUp = (am) =>
  journey({
    config: { serverConfig: { wellknown: `${am}/oauth2/realms/root/.well-known/openid-configuration` } },
  });

/** Walks a journey to its end; `view` is your app: it shows things, and asks the user. Returns the session token. */
export const signIn = async (client, view) => {
  let step = await client.start({ journey: 'PushLogin' });
  while (step.type === 'Step') {
    await answer(step, view);
    step = await client.next(step);
  }
  if (step.type === 'LoginSuccess') return step.getSessionToken();
  throw new Error(step.type === 'LoginFailure' ? step.getMessage() : step.message);
};

export const signOut = (client) => client.terminate();

const answer = async (step, view) => {
  if (RecoveryCodes.isDisplayStep(step)) return view.showCodes(RecoveryCodes.getCodes(step));
  if (QRCode.isQRCodeStep(step)) view.showSetupCode(QRCode.getQRCodeData(step).uri);

  for (const callback of step.getCallbacksOfType(callbackType.NameCallback)) {
    callback.setName(await view.ask(callback.getPrompt()));
  }
  for (const callback of step.getCallbacksOfType(callbackType.PasswordCallback)) {
    callback.setPassword(await view.askSecret(callback.getPrompt()));
  }
  for (const callback of step.getCallbacksOfType(callbackType.DeviceProfileCallback)) {
    const wanted = { location: callback.isLocationRequired(), metadata: callback.isMetadataRequired() };
    callback.setProfile(await new Device().getProfile(wanted));
  }

  const [confirmation] = step.getCallbacksOfType(callbackType.ConfirmationCallback);
  const [wait] = step.getCallbacksOfType(callbackType.PollingWaitCallback);
  // A wait goes on by itself after that time; its button is only for those who want to leave it.
  const pressed = wait
    ? await view.wait(wait.getMessage(), wait.getWaitTime(), confirmation?.getOptions())
    : confirmation && (await view.choose(confirmation.getOptions()));
  if (pressed !== undefined) confirmation.setOptionValue(pressed);
};
