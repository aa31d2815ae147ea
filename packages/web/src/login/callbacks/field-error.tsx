import { Icon } from '../../kit/parts/icon.tsx';

/** The text under a field that says what is wrong with it. */
export const FieldError = ({ id, error }: { readonly id: string; readonly error: string | undefined }) =>
  error === undefined ? null : (
    <p id={id} class="k-field-error">
      <Icon name="alert" />
      {error}
    </p>
  );
