import type { Agent } from './agent.ts';
import { links } from './links.ts';
import { recap } from './recap.ts';

export const agents: readonly Agent[] = [recap, links];

export const describeAgent = ({ id, title, about }: Agent): { id: string; title: string; about: string } => ({
  id,
  title,
  about,
});
