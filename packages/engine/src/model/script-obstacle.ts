import type { ScriptDocument } from './configuration.ts';

/** The one language that scripts are run in; those in another are kept, and fail where a journey reaches them. */
export const SCRIPT_LANGUAGE = 'JAVASCRIPT';

/** Why this server cannot run a script, in words that end a sentence; undefined where it can. */
export const scriptObstacle = ({ language }: Pick<ScriptDocument, 'language'>): string | undefined =>
  language === SCRIPT_LANGUAGE ? undefined : `is written in ${language}, and this server runs JavaScript alone`;
