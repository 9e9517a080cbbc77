import { en, type Texts } from './en.ts';
import { inBrowsersLanguage } from './in-browsers-language.ts';

/** What the application says. A language is added here, and what only Batch 2 says of it in `batch-2.ts`. */
export const t = inBrowsersLanguage<Texts>({ en }, en);
