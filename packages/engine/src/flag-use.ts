/** What applications have reported of their flags. `segment: null` stands for everybody. */
export interface FlagUse {
  /** People who were answered a variant, by the first and the last revision of the flags that answered so. */
  readonly exposures: readonly {
    readonly segment: string | null;
    readonly flag: string;
    readonly variant: string;
    readonly firstRevision: number;
    readonly lastRevision: number;
    readonly people: number;
  }[];
  /** People who were answered anything: those whom the flag was asked for. */
  readonly seen: readonly {
    readonly segment: string | null;
    readonly flag: string;
    readonly people: number;
  }[];
  /**
   * People who had a flag on, and something else by later flags, by when they lost it: each time after `onRevision`, and by
   * `offRevision` at the latest. Without those for whom it was decided by name.
   */
  readonly turns: readonly {
    readonly flag: string;
    readonly losses: readonly FlagLoss[];
    readonly people: number;
  }[];
  /** People who used something, as the application calls it. */
  readonly uses: readonly { readonly event: string; readonly people: number }[];
  /** Since when each process of the application goes by a revision, in database time. */
  readonly receipts: readonly {
    readonly revision: number;
    readonly process: string;
    readonly atMs: number;
  }[];
  /** When each process of the application told anything, first and last. Pages are none. */
  readonly processes: readonly {
    readonly process: string;
    readonly firstAtMs: number;
    readonly lastAtMs: number;
  }[];
}

export interface FlagLoss {
  readonly onRevision: number;
  readonly offRevision: number;
}

export const noFlagUse: FlagUse = {
  exposures: [],
  seen: [],
  turns: [],
  uses: [],
  receipts: [],
  processes: [],
};

/** Of the flags' revisions, and of database time: what was recorded by then. */
export interface FlagUseSpan {
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** For whom an operator has ever decided: whether they keep a flag says nothing of the plan. */
  readonly overridden: readonly { readonly flag: string; readonly targetingKey: string }[];
}
