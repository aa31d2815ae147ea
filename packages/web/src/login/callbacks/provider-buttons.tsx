import { Button } from '../../kit/parts/button.tsx';
import { fieldName, stepForm } from '../step/posted-step.tsx';
import { outputOf } from '../step/step.ts';
import { say } from '../texts/say.ts';
import type { ControlProps } from './control-props.ts';

const here = 'localAuthentication';

/** SelectIdPCallback: one button a provider. */
export const ProviderButtons = ({ callback, position, busy, answer }: ControlProps) => (
  <div class="k-actions">
    {providersOf(outputOf(callback, 'providers')).map(({ id, name }) => (
      <Button
        key={id}
        busy={busy}
        posts={{ form: stepForm, name: fieldName(position) }}
        value={id}
        onPress={() => answer(id)}
      >
        {id === here ? say('providerHere') : say('provider', { name })}
      </Button>
    ))}
  </div>
);

const providersOf = (given: unknown): readonly { readonly id: string; readonly name: string }[] =>
  Array.isArray(given)
    ? given.flatMap((it: unknown) => {
        if (typeof it !== 'object' || it === null || !('provider' in it) || typeof it.provider !== 'string') return [];
        const config = 'uiConfig' in it && typeof it.uiConfig === 'object' ? it.uiConfig : null;
        const name = config !== null && 'buttonDisplayName' in config ? config.buttonDisplayName : undefined;
        return [{ id: it.provider, name: typeof name === 'string' && name !== '' ? name : it.provider }];
      })
    : [];
