const COMMAND =
  /\bassent (?=(?:serve|phone|user|realm|client|key|outbox|instances|migrate|backup|restore|store|export|import|upgrade-check|push|journey|doctor)\b|--help)/g;

/**
 * The line below a refusal that says what to try; empty without a hint. Commands of ours are named as this shell finds
 * them: what npm has started is on no path.
 */
export const hintLine = (
  hint: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  indent = '  ',
): string => {
  if (hint === undefined) return '';
  return `${indent}Try: ${env.npm_command === undefined ? hint : hint.replaceAll(COMMAND, 'npx --no-install assent ')}\n`;
};
