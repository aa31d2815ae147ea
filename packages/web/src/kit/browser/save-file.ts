/** Saves a text as a file of the user's. The browser has it from the page itself, so that it lies at no address. */
export const saveFile = (name: string, text: string, type: 'text/plain' | 'application/json'): void => {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the blob by the next turn of its loop at the latest.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};
