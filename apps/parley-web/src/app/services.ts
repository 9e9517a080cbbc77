import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Outbox } from '../outbox/outbox.ts';
import type { CatchUp } from '../sync/catch-up.ts';
import type { Live } from '../sync/live.ts';
import type { PeopleDirectory } from './people.ts';

/** What lives as long as somebody is signed in. */
export interface Services {
  readonly queries: QueryClient;
  readonly catchUp: CatchUp;
  readonly live: Live;
  readonly outbox: Outbox;
  readonly people: PeopleDirectory;
}

export const ServicesContext = createContext<Services | undefined>(undefined);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === undefined) throw new Error('useServices: expected to be inside of a signed-in page');
  return services;
}
