import { en, type Texts } from './en.ts';

/** By the language's tag. A language is added here and nowhere else. */
const languages: Readonly<Record<string, Texts>> = { en };

const wanted =
  typeof navigator === 'undefined' ? [] : navigator.languages.map((tag) => tag.split('-')[0] ?? tag);

/** What the application says, in the first language of this browser that there is. */
export const t: Texts = wanted.map((tag) => languages[tag]).find((texts) => texts !== undefined) ?? en;
