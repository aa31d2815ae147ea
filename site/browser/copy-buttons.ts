import { announce } from './announce.ts';

/** How long a button says what it has done. */
const DONE_MILLIS = 4_000;

/** Also where the page came without encryption, in which browsers have no clipboard. */
const copy = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

const select = (element: Element): void => {
  const range = document.createRange();
  range.selectNodeContents(element);
  getSelection()?.removeAllRanges();
  getSelection()?.addRange(range);
};

const copyButton = (code: Element): HTMLButtonElement => {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'k-btn s-copy';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    const isCopied = await copy(code.textContent ?? '');
    // What cannot be copied for them is selected, so that a key does it.
    if (!isCopied) select(code);
    button.textContent = isCopied ? 'Copied' : 'Selected';
    announce(isCopied ? 'Copied' : 'Selected. Copy it with the keyboard.');
    setTimeout(() => {
      button.textContent = 'Copy';
    }, DONE_MILLIS);
  });
  return button;
};

/** A button beside each piece of code. */
export const addCopyButtons = (): void => {
  for (const block of document.querySelectorAll('.s-code')) {
    const code = block.querySelector('code');
    if (code !== null) block.append(copyButton(code));
  }
};
