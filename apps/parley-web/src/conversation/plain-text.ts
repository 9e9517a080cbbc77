import { useServices } from '../app/services.ts';

/** A message's words without the ids of people, which nobody can read. */
export function plainText(
  body: string,
  nameOf: (id: string) => string | undefined = () => undefined,
): string {
  return body.replace(/<@([0-9a-f-]{36})>/g, (_, id: string) => `@${nameOf(id) ?? 'someone'}`);
}

/** The same, with the names that are known here. */
export function usePlainText(): (body: string) => string {
  const { people } = useServices();
  return (body) => plainText(body, (id) => people.nameOf(id));
}
