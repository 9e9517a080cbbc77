/** Matches this text and no other: for tables that hold whole sentences beside patterns. */
export function exactly(text: string): RegExp {
  return new RegExp(`^${RegExp.escape(text)}$`);
}
