import { request } from '../api/request.ts';

/** What only Batch 2 asks the server. */
export const apiBatch2 = {
  reportTimings: async (timings: readonly { name: string; durationMs: number }[]) =>
    await request('/v1/timings', { method: 'POST', body: { timings } }),
  rate: async (feature: string, score: number) =>
    await request('/v1/ratings', { method: 'POST', body: { feature, score } }),
  ratings: async () => await request<{ features: string[] }>('/v1/ratings/mine'),
};
