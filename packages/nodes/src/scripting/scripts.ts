import { port, type ScriptDocument } from '@assent/engine';
import type { ScriptResult } from './script-result.ts';

/** `1.0` is AM's first engine, `2.0` its next generation: the same language with other bindings. */
export type ScriptEngine = ScriptDocument['evaluatorVersion'];

/** A callback as a script knows it. */
export interface ScriptCallback {
  readonly spec: Readonly<Record<string, unknown>>;
  /** What came back, by suffix. */
  readonly answer: Readonly<Record<string, unknown>>;
}

/** A user as a script knows one. */
export interface ScriptUser {
  readonly username: string;
  readonly universalId: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** Everything that a script is given. It is copied: nothing that a script does to it reaches anybody. */
export interface ScriptBindings {
  readonly shared: Readonly<Record<string, unknown>>;
  readonly transient: Readonly<Record<string, unknown>>;
  readonly secure: Readonly<Record<string, unknown>>;
  readonly callbacks: readonly ScriptCallback[];
  /** By the name that the script asked for; `null` where there is no such user. */
  readonly users: Readonly<Record<string, ScriptUser | null>>;
  /** Names in lower case. */
  readonly requestHeaders: Readonly<Record<string, readonly string[]>>;
  readonly requestParameters: Readonly<Record<string, readonly string[]>>;
  readonly requestCookies: Readonly<Record<string, string>>;
  /** Properties of the session that the caller presented. */
  readonly existingSession?: Readonly<Record<string, string>>;
  /** The script is to leave settings in the variable `config`. */
  readonly wantsConfig?: boolean;
}

/** Why a script has no result; `line` counts from 1. */
export interface ScriptFailure {
  readonly kind: 'time' | 'memory' | 'stack' | 'syntax' | 'error' | 'crash';
  readonly message: string;
  readonly line?: number;
}

export interface ScriptLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

export type ScriptOutcome =
  | { readonly result: ScriptResult; readonly logs: readonly ScriptLogLine[] }
  /** `wanted`: the script asked for a user whom it was not given; nothing has happened yet, run it again with the user. */
  | { readonly failure: ScriptFailure; readonly logs: readonly ScriptLogLine[]; readonly wanted?: string };

/** Runs the scripts of the journey's realm, apart from everything else. */
export interface Scripts {
  find(id: string): ScriptDocument | undefined;
  /** A script has no effect of its own: what it wants comes back, and it is for the caller to do it or not. */
  run(script: ScriptDocument, bindings: ScriptBindings): Promise<ScriptOutcome>;
}

export const scripts = port<Scripts>()('scripts', 'reads');
