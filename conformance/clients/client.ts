/** Methods of callbacks that the walks call; both libraries of the vendor name them alike. */
export interface CallbackMethods {
  readonly NameCallback: { getPrompt(): string; setName(name: string): void };
  readonly PasswordCallback: { setPassword(password: string): void };
  readonly DeviceProfileCallback: {
    isMetadataRequired(): boolean;
    isLocationRequired(): boolean;
    setProfile(profile: object): void;
  };
  readonly ConfirmationCallback: {
    getOptions(): readonly string[];
    getInputValue(): unknown;
    setOptionIndex(index: number): void;
    setOptionValue(option: string): void;
  };
  readonly HiddenValueCallback: { getOutputByName(name: string, fallback: string): string };
  readonly PollingWaitCallback: { getWaitTime(): number; getMessage(): string };
  readonly TextOutputCallback: { getMessage(): string; getMessageType(): string };
}

/** What a helper of the library read from a step with a setup code. */
export interface SetupCode {
  readonly uri: string;
  readonly use: string;
  readonly message: string;
}

/** What a helper of the library read from a step that shows recovery codes. */
export interface ShownCodes {
  readonly codes: readonly string[];
  readonly deviceName: string;
}

/** A step as the library handed it out. */
export interface ClientStep {
  readonly kind: 'step';
  readonly authId: string;
  readonly types: readonly string[];
  callbacks<Type extends keyof CallbackMethods>(type: Type): readonly CallbackMethods[Type][];
  /** Undefined where the library does not take the step for one that has a setup code. */
  setupCode(): SetupCode | undefined;
  /** Undefined where the library does not take the step for one that shows recovery codes. */
  shownCodes(): ShownCodes | undefined;
  /** Sends the step back, with what was set on its callbacks. */
  next(): Promise<ClientAnswer>;
}

export interface ClientSuccess {
  readonly kind: 'success';
  readonly token: string | undefined;
  readonly successUrl: string | undefined;
  readonly realm: string | undefined;
}

export interface ClientFailure {
  readonly kind: 'failure';
  readonly code: number;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly detail: unknown;
  readonly processedMessage: readonly unknown[];
}

export type ClientAnswer = ClientStep | ClientSuccess | ClientFailure;

/** A library of the vendor, set up for one server and realm. */
export interface Client {
  start(journey: string, query?: Readonly<Record<string, string>>): Promise<ClientAnswer>;
  /** By the library's own collector. */
  deviceProfile(wanted: { readonly location: boolean; readonly metadata: boolean }): Promise<object>;
  logOut(): Promise<void>;
}
