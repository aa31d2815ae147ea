import {
  CallbackType,
  Config,
  FRAuth,
  FRDevice,
  FRQRCode,
  FRRecoveryCodes,
  SessionManager,
  StepType,
} from '@forgerock/javascript-sdk';

export const setUp = (am) =>
  Config.set({
    serverConfig: { baseUrl: `${am}/`, timeout: 10_000 },
    realmPath: 'root',
    tree: 'PushLogin',
  });

/** Walks a journey to its end; `view` is your app: it shows things, and asks the user. Returns the session token. */
export const signIn = async (view) => {
  let step = await FRAuth.start();
  while (step.type === StepType.Step) {
    await answer(step, view);
    step = await FRAuth.next(step);
  }
  if (step.type === StepType.LoginFailure) throw new Error(step.getMessage());
  return step.getSessionToken();
};

export const signOut = () => SessionManager.logout();

const answer = async (step, view) => {
  if (FRRecoveryCodes.isDisplayStep(step)) return view.showCodes(FRRecoveryCodes.getCodes(step));
  if (FRQRCode.isQRCodeStep(step)) view.showSetupCode(FRQRCode.getQRCodeData(step).uri);

  for (const callback of step.getCallbacksOfType(CallbackType.NameCallback)) {
    callback.setName(await view.ask(callback.getPrompt()));
  }
  for (const callback of step.getCallbacksOfType(CallbackType.PasswordCallback)) {
    callback.setPassword(await view.askSecret(callback.getPrompt()));
  }
  for (const callback of step.getCallbacksOfType(CallbackType.DeviceProfileCallback)) {
    const wanted = { location: callback.isLocationRequired(), metadata: callback.isMetadataRequired() };
    callback.setProfile(await new FRDevice().getProfile(wanted));
  }

  const [confirmation] = step.getCallbacksOfType(CallbackType.ConfirmationCallback);
  const [wait] = step.getCallbacksOfType(CallbackType.PollingWaitCallback);
  // A wait goes on by itself after that time; its button is only for those who want to leave it.
  const pressed = wait
    ? await view.wait(wait.getMessage(), wait.getWaitTime(), confirmation?.getOptions())
    : confirmation && (await view.choose(confirmation.getOptions()));
  // Not `setOptionIndex`: this library takes no more than two options there.
  if (pressed !== undefined) confirmation.setOptionValue(pressed);
};
