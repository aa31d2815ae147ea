/** What the doctor found out; `warning` is worth knowing, `problem` stops Assent or its users. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** The next thing to try. */
  readonly hint?: string;
}

export const ok = (name: string, message: string): Finding => ({ name, status: 'ok', message });

export const warning = (name: string, message: string, hint?: string): Finding => ({
  name,
  status: 'warning',
  message,
  ...(hint !== undefined && { hint }),
});

export const problem = (name: string, message: string, hint?: string): Finding => ({
  name,
  status: 'problem',
  message,
  ...(hint !== undefined && { hint }),
});
