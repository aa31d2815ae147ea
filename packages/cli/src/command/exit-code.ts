/** What the process says to its caller (design.md §2, row "Binary"). */
export const EXIT = { done: 0, no: 1, usage: 2, unreachable: 3 } as const;

/** One of the four exit codes of the command. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
