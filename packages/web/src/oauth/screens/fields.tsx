/** Names of what the controls of our pages send by themselves; a field with such a name would send it twice. */
const ofControls: ReadonlySet<string> = new Set(['decision', 'save_consent', 'press', 'language']);

/** What a form sends back of the request that it is about. */
export const HiddenFields = ({ fields }: { readonly fields: Readonly<Record<string, string>> }) => (
  <>
    {Object.entries(fields)
      .filter(([name]) => !ofControls.has(name))
      .map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
  </>
);

/** Id of the form that asks for the page in another language. */
export const languageForm = 'language';

/**
 * The form by which the page is asked for anew in another language. It decides nothing, so it leaves out the proof that a
 * decision would need.
 */
export const LanguageForm = ({ fields }: { readonly fields: Readonly<Record<string, string>> }) => {
  const { csrf: _, ...request } = fields;
  return (
    <form id={languageForm} method="post">
      <HiddenFields fields={request} />
    </form>
  );
};
