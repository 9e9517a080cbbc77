import { enBatch2 } from './en-batch-2.ts';
import { inBrowsersLanguage } from './in-browsers-language.ts';

export const tBatch2 = inBrowsersLanguage({ en: enBatch2 }, enBatch2);
