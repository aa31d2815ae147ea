import { AnyControl } from '../callbacks/any-control.tsx';
import { FormScreen } from './form-screen.tsx';
import type { ScreenProps } from './screen-props.ts';

/** G: a form with every control that we have. */
export const AnyFormScreen = (props: ScreenProps<'form'>) => <FormScreen {...props} Control={AnyControl} />;
