import { isLanguage, type Language, languages } from './language.ts';

/** What a page needs to let a person choose its language. */
export interface LanguageChoice {
  readonly language: Language;
  /** "Language", in the language of the page. */
  readonly label: string;
  choose(language: Language): void;
  /** For a page that runs no script: the form that a choice is sent by, and the words of the button that sends it. */
  readonly posts?:
    | {
        readonly form: string;
        readonly label: string;
        /** The page has no script in any browser, so that its button is there for everybody. */
        readonly isOnlyWay?: boolean;
      }
    | undefined;
}

/** A native list of languages, each by its own name; a choice applies at once. */
export const LanguageChooser = ({ language, label, choose, posts }: LanguageChoice) => (
  <>
    <select
      class="k-language"
      aria-label={label}
      value={language}
      {...(posts && { name: 'language', form: posts.form })}
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
    {posts === undefined ? null : (
      <button
        class={posts.isOnlyWay === true ? 'k-btn' : 'k-btn k-no-script'}
        type="submit"
        data-kind="quiet"
        data-fit=""
        name="press"
        value="language"
        form={posts.form}
      >
        {posts.label}
      </button>
    )}
  </>
);
