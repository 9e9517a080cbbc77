/** Beside `src/`; and beside `server/` in a packed release, whose files all lie in that one folder. */
export const SQL_FOLDER = new URL('../sql/', import.meta.url);
