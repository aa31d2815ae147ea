import { isLanguage, type Language, languages } from './language.ts';

/** What a page needs to let a person choose its language. */
export interface LanguageChoice {
  readonly language: Language;
  /** "Language", in the language of the page. */
  readonly label: string;
  choose(language: Language): void;
}

/** A native list of languages, each by its own name; a choice applies at once. */
export const LanguageChooser = ({ language, label, choose }: LanguageChoice) => (
  <select
    class="k-language"
    aria-label={label}
    value={language}
    onChange={({ currentTarget: { value } }) => {
      if (isLanguage(value)) choose(value);
    }}
  >
    {Object.entries(languages).map(([tag, name]) => (
      <option key={tag} value={tag} lang={tag}>
        {name}
      </option>
    ))}
  </select>
);
