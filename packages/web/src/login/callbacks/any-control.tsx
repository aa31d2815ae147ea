import type { FunctionComponent } from 'preact';
import { AttributeField } from './attribute-field.tsx';
import { BooleanField } from './check-field.tsx';
import { ConsentField } from './consent-field.tsx';
import { Control } from './control.tsx';
import type { ControlProps } from './control-props.ts';
import { ProviderButtons } from './provider-buttons.tsx';
import { QuestionField } from './question-field.tsx';
import { RedirectLink } from './redirect-link.tsx';
import { TermsField } from './terms-field.tsx';

/** Controls that no sign-in begins with: they come with a chunk of their own. @see ux.md §2.3 */
const controls: Readonly<Record<string, FunctionComponent<ControlProps>>> = {
  StringAttributeInputCallback: AttributeField,
  NumberAttributeInputCallback: AttributeField,
  BooleanAttributeInputCallback: BooleanField,
  TermsAndConditionsCallback: TermsField,
  ConsentMappingCallback: ConsentField,
  KbaCreateCallback: QuestionField,
  SelectIdPCallback: ProviderButtons,
  RedirectCallback: RedirectLink,
};

/** The control of any callback that we know. */
export const AnyControl: FunctionComponent<ControlProps> = (props) => {
  const Renderer = Object.hasOwn(controls, props.callback.type) ? controls[props.callback.type] : undefined;
  return Renderer === undefined ? <Control {...props} /> : <Renderer {...props} />;
};
