/** A journey of the vendor's suites: nodes by a short name, edges between names. */
export interface SuiteJourney {
  readonly entry: string;
  readonly nodes: Readonly<Record<string, SuiteNode>>;
}

export interface SuiteNode {
  readonly type: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Nodes inside a page, in order. */
  readonly inside?: readonly SuiteNode[];
  /** Outcome → name of a node, `Success` or `Failure`. */
  readonly to?: Readonly<Record<string, string>>;
}

const USERNAME: SuiteNode = { type: 'UsernameCollectorNode' };
const PASSWORD: SuiteNode = { type: 'PasswordCollectorNode' };

const page = (to: string, ...inside: readonly SuiteNode[]): SuiteNode => ({
  type: 'PageNode',
  inside,
  to: { outcome: to },
});
const decision = (to: string): SuiteNode => ({ type: 'DataStoreDecisionNode', to: { true: to, false: 'Failure' } });

const SIGN_IN = page('decide', USERNAME, PASSWORD);
const afterSignIn = (nodes: SuiteJourney['nodes'], first: string): SuiteJourney => ({
  entry: 'signIn',
  nodes: { signIn: SIGN_IN, decide: decision(first), ...nodes },
});
const PLAIN = afterSignIn({}, 'Success');

const choice = (prompt: string, choices: readonly string[], to: string): SuiteNode => ({
  type: 'ChoiceCollectorNode',
  config: { prompt, choices, defaultChoice: choices[0] },
  to: Object.fromEntries(choices.map((name) => [name, to])),
});
const message = (text: string, to: string): SuiteNode => ({
  type: 'MessageNode',
  config: { message: { en: text }, messageYes: { en: 'Yes' }, messageNo: { en: 'No' } },
  to: { true: to, false: 'Failure' },
});
const wait = (text: string): SuiteNode => ({
  type: 'PollingWaitNode',
  config: { secondsToWait: 1, waitingMessage: { en: text } },
  to: { DONE: 'Success' },
});
const passkeyNode = (type: string, config: SuiteNode['config'], to: SuiteNode['to']): SuiteNode => ({
  type,
  config: { asScript: false, origins: ['http://localhost:5829'], relyingPartyDomain: 'localhost', ...config },
  to: { unsupported: 'Failure', failure: 'Failure', error: 'Failure', ...to },
});
const script = (name: string, to: string): SuiteNode => ({
  type: 'ScriptedDecisionNode',
  config: { script: name, outcomes: ['true', 'false'], inputs: ['*'], outputs: ['*'] },
  to: { true: to, false: 'Failure' },
});

const registrationPage: SuiteNode = page(
  'create',
  { type: 'ValidatedUsernameNode', config: { validateInput: true } },
  { type: 'AttributeCollectorNode', config: { attributesToCollect: ['givenName', 'sn', 'mail'], required: true } },
  {
    type: 'AttributeCollectorNode',
    config: { attributesToCollect: ['preferences/marketing', 'preferences/updates'] },
  },
  { type: 'ValidatedPasswordNode', config: { validateInput: true } },
  { type: 'KbaCreateNode', config: { message: { en: 'Select a security question' } } },
  { type: 'AcceptTermsAndConditionsNode' },
);

const registration: SuiteJourney = {
  entry: 'page',
  nodes: {
    page: registrationPage,
    create: { type: 'CreateObjectNode', to: { CREATED: 'Success', FAILURE: 'Failure' } },
  },
};

const suspended: SuiteNode = {
  type: 'EmailSuspendNode',
  config: { emailTemplateName: 'registration', objectLookup: true },
  to: { outcome: 'Success' },
};

const deviceProfile = (deviceLocation: boolean): SuiteJourney =>
  afterSignIn(
    {
      device: {
        type: 'DeviceProfileCollectorNode',
        config: { maximumSize: '8', deviceLocation, message: { en: 'Collecting profile ...' } },
        to: { outcome: 'Success' },
      },
    },
    'device',
  );

/** The journeys that the specs start, under the names that they start them by. */
export const JOURNEYS: Readonly<Record<string, SuiteJourney>> = {
  Login: PLAIN,
  UsernamePassword: PLAIN,
  SpecificTree: PLAIN,
  skipBackgroundRequest: PLAIN,
  TEST_LoginWithMiscCallbacks: {
    entry: 'username',
    nodes: {
      username: { ...USERNAME, to: { outcome: 'password' } },
      password: { ...PASSWORD, to: { outcome: 'decide' } },
      decide: decision('human'),
      human: message('Are you human?', 'sure'),
      sure: choice('Are you sure?', ['Yes', 'No'], 'surely'),
      surely: choice('Are you sure?', ['Yes', 'No'], 'wait'),
      wait: wait('Please wait while we process your request.'),
    },
  },
  MiscCallbacks: {
    entry: 'username',
    nodes: {
      username: { ...USERNAME, to: { outcome: 'nickname' } },
      nickname: script('Nickname', 'password'),
      password: { ...PASSWORD, to: { outcome: 'decide' } },
      decide: decision('colour'),
      colour: choice('Choose your color', ['red', 'green', 'blue'], 'true'),
      true: message('Is it true?', 'wait'),
      wait: wait('Waiting for response...'),
    },
  },
  DeviceProfileCallbackTest: deviceProfile(true),
  TEST_LoginSuspendEmail: afterSignIn({ suspended }, 'suspended'),
  LoginWithEmail: {
    entry: 'username',
    nodes: {
      username: { type: 'ValidatedUsernameNode', config: { validateInput: true }, to: { outcome: 'suspended' } },
      suspended,
    },
  },
  Registration: registration,
  QRCodeTest: afterSignIn(
    {
      app: {
        type: 'OathRegistrationNode',
        config: {
          generateRecoveryCodes: false,
          postponeDeviceProfileStorage: true,
          scanQRCodeMessage: {
            en: 'Scan the QR code image below with the ForgeRock Authenticator app to register your device with your login.',
          },
        },
        to: { successOutcome: 'Success', failureOutcome: 'Failure' },
      },
    },
    'app',
  ),
  'TEST_WebAuthn-Registration': afterSignIn(
    {
      register: passkeyNode(
        'WebAuthnRegistrationNode',
        { generateRecoveryCodes: false, requiresResidentKey: true },
        { success: 'Success' },
      ),
    },
    'register',
  ),
  TEST_WebAuthnAuthentication: {
    entry: 'username',
    nodes: {
      username: { ...USERNAME, to: { outcome: 'passkey' } },
      passkey: passkeyNode('WebAuthnAuthenticationNode', {}, { success: 'Success', noDevice: 'Failure' }),
    },
  },
  PlatformUsernamePasswordTest: {
    entry: 'page',
    nodes: {
      page: page(
        'decide',
        { type: 'ValidatedUsernameNode', config: { validateInput: true } },
        { type: 'ValidatedPasswordNode', config: { validateInput: true } },
      ),
      decide: { type: 'IdentityStoreDecisionNode', to: { TRUE: 'Success', FALSE: 'Failure' } },
    },
  },
  SecondFactor: afterSignIn(
    { channel: choice('Second factor', ['email', 'sms'], 'code'), code: script('Code', 'Success') },
    'channel',
  ),
  /** On our login page, which the specs leave by a button "Next", as that of the vendor's platform has. */
  HostedLogin: { entry: 'form', nodes: { form: script('Form', 'decide'), decide: decision('Success') } },
  /** Asks for the password of the user of the session again. */
  ConfirmPassword: {
    entry: 'session',
    nodes: {
      session: script('SessionUser', 'page'),
      page: page('decide', PASSWORD),
      decide: decision('Success'),
    },
  },
};

/** Scripts of the journeys above, by name. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  Nickname: `if (callbacks.isEmpty()) {
  callbacksBuilder.textInputCallback('Provide a nickname for this account');
} else {
  action.goTo(callbacks.getTextInputCallbacks().get(0) === 'Text Input String' ? 'true' : 'false');
}`,
  Code: `if (callbacks.isEmpty()) {
  callbacksBuilder.passwordCallback('One Time Password', false);
} else {
  action.goTo(callbacks.getPasswordCallbacks().get(0) === 'abc123' ? 'true' : 'false');
}`,
  Form: `if (callbacks.isEmpty()) {
  callbacksBuilder.nameCallback('User Name');
  callbacksBuilder.passwordCallback('Password', false);
  callbacksBuilder.confirmationCallback(0, ['Next'], 0);
} else {
  nodeState.putShared('username', callbacks.getNameCallbacks().get(0));
  nodeState.putTransient('password', callbacks.getPasswordCallbacks().get(0));
  action.goTo('true');
}`,
  SessionUser: `if (typeof existingSession === 'undefined') {
  action.goTo('false');
} else {
  nodeState.putShared('username', existingSession.get('UserToken'));
  action.goTo('true');
}`,
};
