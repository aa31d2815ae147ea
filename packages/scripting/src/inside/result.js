/** The longest line of a log, and of what a script says for the audit log. */
export const LOG_LENGTH = 1024;

/** What the script has asked for so far. */
export const scriptResult = {
  logs: [],
  callbacks: [],
  properties: [],
  identityChanges: [],
  presentation: {},
  outcome: undefined,
  wanted: undefined,
};
