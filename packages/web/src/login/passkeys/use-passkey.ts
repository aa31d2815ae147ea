import { useEffect, useRef, useState } from 'preact/hooks';
import { announce, hush } from '../../kit/browser/announce.ts';
import type { Ceremony } from '../step/step.ts';
import { say } from '../texts/say.ts';
import { askForPasskey, canFillIn, endPasskeyRequest, type PasskeyEnd } from './ask-for-passkey.ts';
import { textOfProblem } from './passkey-problem.ts';

type Problem = Extract<PasskeyEnd, { readonly kind: 'problem' }>;

/** Where a screen is with a passkey. */
export interface PasskeyUse {
  readonly asking: boolean;
  readonly problem: Problem | undefined;
  /** Whether the browser offers passkeys where the name is filled in. */
  readonly filledIn: boolean;
  ask(): void;
}

/**
 * Asks for the passkey of a step: at a press, by itself where `startsByItself`, and where names are filled in if the step wants that and
 * the browser can. Ends the request as soon as something else is sent, and with the screen.
 */
export const usePasskey = (
  ceremony: Ceremony,
  {
    busy,
    startsByItself,
    answer,
  }: { readonly busy: boolean; readonly startsByItself: boolean; answer(value: string): void },
): PasskeyUse => {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [filledIn, setFilledIn] = useState(false);
  const here = useRef(true);

  const ask = async (): Promise<void> => {
    setAsking(true);
    setProblem(undefined);
    hush('alert');
    const end = await askForPasskey(ceremony);
    setAsking(false);
    if (end.kind === 'answered') answer(end.value);
    if (end.kind !== 'problem') return;
    setProblem(end);
    announce('alert', say(textOfProblem(end.problem, ceremony.kind)));
  };

  const fillIn = async (): Promise<void> => {
    if (ceremony.mediation !== 'conditional' || ceremony.kind !== 'get' || !(await canFillIn())) return;
    if (!here.current) return;
    setFilledIn(true);
    // Whatever goes wrong there, the user has asked for nothing.
    const end = await askForPasskey(ceremony, { conditional: true });
    if (end.kind === 'answered') answer(end.value);
  };

  // Once per appearance of the screen: a new one has a new key.
  useEffect(() => {
    void (startsByItself ? ask() : fillIn());
    return () => {
      here.current = false;
      endPasskeyRequest();
    };
  }, []);
  useEffect(() => {
    if (busy) endPasskeyRequest();
  }, [busy]);

  return { asking, problem, filledIn, ask: () => void ask() };
};
