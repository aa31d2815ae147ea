/** A code for the eye: blocks of four where they come out even. */
export const groupedCode = (code: string): string =>
  code.length >= 8 && code.length % 4 === 0 ? (code.match(/.{4}/g) ?? [code]).join('-') : code;
