import type { ScriptDocument } from './configuration.ts';

/** The one language that scripts are run in; those in another are kept, and fail where a journey reaches them. */
export const SCRIPT_LANGUAGE = 'JAVASCRIPT';

/** Why this server cannot run a script, in words that end a sentence; undefined where it can. */
export const scriptObstacle = ({ language }: Pick<ScriptDocument, 'language'>): string | undefined =>
  language === SCRIPT_LANGUAGE ? undefined : `is written in ${language}, and this server runs JavaScript alone`;

/** What a script that runs here gets otherwise than in AM, in words that end a sentence; undefined where nothing is known of it. */
export const scriptCaveat = ({ language, source }: Pick<ScriptDocument, 'language' | 'source'>): string | undefined =>
  language === SCRIPT_LANGUAGE && source.includes('systemEnv') && source.includes('esv.')
    ? 'asks systemEnv for values of esv, and gets its own defaults or null'
    : undefined;
