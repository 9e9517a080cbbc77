const wanted =
  typeof navigator === 'undefined' ? [] : navigator.languages.map((tag) => tag.split('-')[0] ?? tag);

/** Texts by the language's tag: those in the first language of this browser that there is. */
export const inBrowsersLanguage = <Texts>(
  languages: Readonly<Record<string, Texts>>,
  otherwise: Texts,
): Texts => wanted.map((tag) => languages[tag]).find((texts) => texts !== undefined) ?? otherwise;
