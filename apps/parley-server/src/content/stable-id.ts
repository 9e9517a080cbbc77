import { v5 } from 'uuid';

/** Ours alone. Changing it would make every import a stranger to the rows of the imports before. */
const NAMESPACE = 'c2b63c5e-62a5-4f0a-9f0e-5a1f0f6d3b17';

/** The same uuid for the same name on every machine and in every run, so that a second import meets its own rows. */
export function stableId(name: string): string {
  return v5(name, NAMESPACE);
}
