import { useId } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { say } from '../texts/say.ts';
import { digitsOf } from './typed-number.ts';

/**
 * The number from the screen: a real field for keyboards, pastes and dictation, and large keys for thumbs. The keys are
 * never mirrored: that is how a telephone has them. @see ux.md §3.2 "Number"
 */
export const NumberPad = ({
  digits,
  value,
  onChange,
}: {
  readonly digits: number;
  readonly value: string;
  onChange(value: string): void;
}) => {
  const id = useId();
  const put = (text: string): void => onChange(digitsOf(text, digits));
  const paste = async (): Promise<void> => {
    const text = await navigator.clipboard.readText().catch(() => '');
    if (digitsOf(text, digits) === '') announce('alert', say('numberPasteFailed'));
    else put(text);
  };
  const soFar = say('numberSoFar', { n: value.length, all: digits });
  return (
    <fieldset class="p-number">
      <legend id={`${id}-label`}>{say('numberLabel')}</legend>
      <input
        class="p-number-field"
        aria-labelledby={`${id}-label`}
        aria-describedby={`${id}-so-far`}
        inputMode="none"
        autocomplete="off"
        dir="ltr"
        value={value}
        onInput={({ currentTarget }) => {
          put(currentTarget.value);
          // What was typed beside digits is gone from the field too.
          currentTarget.value = digitsOf(currentTarget.value, digits);
        }}
      />
      <div class="p-number-boxes" dir="ltr" aria-hidden="true">
        {Array.from({ length: digits }, (_, at) => (
          <span key={at} data-filled={value[at] === undefined ? undefined : ''}>
            {value[at] ?? '·'}
          </span>
        ))}
      </div>
      <p id={`${id}-so-far`} class="sr-only">
        {soFar}
      </p>
      <div class="p-pad" dir="ltr">
        {['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((digit) => (
          <Key key={digit} digit={digit} press={() => put(value + digit)} />
        ))}
        <button class="k-btn" data-kind="quiet" type="button" onClick={() => void paste()}>
          {say('numberPaste')}
        </button>
        <Key digit="0" press={() => put(`${value}0`)} />
        <button
          class="k-btn"
          data-kind="quiet"
          type="button"
          aria-label={say('numberDelete')}
          onClick={() => onChange(value.slice(0, -1))}
        >
          <span aria-hidden="true">⌫</span>
        </button>
      </div>
    </fieldset>
  );
};

const Key = ({ digit, press }: { readonly digit: string; press(): void }) => (
  <button class="k-btn p-key" type="button" onClick={press}>
    {digit}
  </button>
);
