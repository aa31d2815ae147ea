const COMMAND =
  /\bassent (?=(?:serve|phone|user|realm|client|key|audit|outbox|instances|migrate|backup|restore|store|export|import|upgrade-check|push|journey|health|doctor)\b|--help)/g;

/** A text for people that names commands of ours: as they are called where we were started, such as `npx assent`. */
export const withCommand = (text: string, command: string): string => text.replaceAll(COMMAND, `${command} `);

/** The line below a refusal that says what to try, with our commands as they are called here; empty without a hint. */
export const hintLine = (hint: string | undefined, command: string, indent = '  '): string =>
  hint === undefined ? '' : `${indent}Try: ${withCommand(hint, command)}\n`;
