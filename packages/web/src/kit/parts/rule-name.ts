/**
 * What pages call a rule that a server names: that a value follows no pattern has a name of its own here, and none that clients of AM know.
 */
export const ruleName = (requirement: string, params: Readonly<Record<string, unknown>>): string =>
  requirement === 'DICTIONARY' && params.pattern === true ? 'PATTERN' : requirement;
