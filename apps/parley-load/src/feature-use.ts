import { record, truth } from './shape.ts';

/** What Batch 2 adds, each behind the flag of this name. */
export const FEATURES = [
  'virtual_scrolling',
  'e2e_encryption',
  'multi_agent',
  'advanced_search',
  'performance_monitoring',
] as const;
export type Feature = (typeof FEATURES)[number];

/** The features that somebody's flags switch on. Flags we do not know are for clients newer than us. */
export function readFlags(body: unknown): ReadonlySet<Feature> {
  const flags = record(record(body, 'answer')['flags'], 'answer.flags');
  return new Set(FEATURES.filter((feature) => truth(flags[feature], `answer.flags.${feature}`)));
}

/** Who was shown a feature, and who used it: used means that Parley answered with it, not that it was asked for. */
export class FeatureUse {
  readonly #shown = new Map<Feature, Set<string>>(FEATURES.map((feature) => [feature, new Set()]));
  readonly #used = new Map<Feature, Set<string>>(FEATURES.map((feature) => [feature, new Set()]));

  shown(feature: Feature, personId: string): void {
    this.#shown.get(feature)?.add(personId);
  }

  used(feature: Feature, personId: string): void {
    this.#used.get(feature)?.add(personId);
  }

  /** Counts of people over the whole run. */
  summary(): Record<Feature, { shown: number; used: number }> {
    const count = (feature: Feature) => ({
      shown: this.#shown.get(feature)?.size ?? 0,
      used: this.#used.get(feature)?.size ?? 0,
    });
    return {
      virtual_scrolling: count('virtual_scrolling'),
      e2e_encryption: count('e2e_encryption'),
      multi_agent: count('multi_agent'),
      advanced_search: count('advanced_search'),
      performance_monitoring: count('performance_monitoring'),
    };
  }
}
