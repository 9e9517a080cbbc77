const planYaml = `# A plan says how a live application moves to its next release. This one adds a column, fills it, and lets people see
# what uses it: first 5 %, then everybody, each time only if the gates pass. Change names to yours, then:
#   crossfade validate .      crossfade run . --app http://127.0.0.1:3000
crossfade: 1
name: my-plan
title: Display names
description: People get a display name of their own.

calendar:
  weeks: 1
  start: week 1 monday 09:00

flags:
  display_names:
    title: Display names
    description: Shows people's display name in place of their e-mail address.

groups:
  first:
    title: A few people first
    percentage: 5
  everybody:
    title: Everybody
    percentage: 100

gates:
  fast:
    type: threshold
    title: 95 % of requests within 200 ms
    measure: share_above
    histogram: http_request_duration_seconds
    edge: 0.2
    at_most: 5%
    window: 30s
    min_samples: 200
  slowness_hurts:
    type: threshold
    title: At most 10 % of requests take longer than 1 s
    measure: share_above
    histogram: http_request_duration_seconds
    edge: 1
    at_most: 10%
    window: 30s
    min_samples: 200
  healthy:
    type: health
    title: The application says it is ready
    path: /readyz
    checks: [database]
    require: all

# Watched all the time, and looser than the gates that decide who is next: one fail takes the whole run back.
guardrails: [slowness_hurts]

phases:
  - id: prepare
    title: Make room
    steps:
      - id: column
        type: schema
        title: Add the column
        file: sql/001_add_display_name.sql
      - id: fill
        type: backfill
        title: Fill it for everybody who is there already
        after: [column]
        table: public.users
        key: id
        set:
          display_name: split_part(email, '@', 1)
        where: display_name IS NULL
        dual_write: trigger
        undo: keep
  - id: show
    title: Let people see it
    steps:
      - id: rollout
        type: rollout
        title: A few first, then everybody
        flags: [display_names]
        stages:
          - group: first
            at: week 1 tuesday 09:00
            bake: 1d
            gates: [fast, healthy]
          - group: everybody
            at: week 1 thursday 09:00
            gates: [fast, healthy]
`;

const columnSql = `-- The column, and a trigger that fills it for everybody who comes or changes while the backfill runs.
ALTER TABLE public.users ADD COLUMN display_name text;

CREATE FUNCTION public.users_fill_display_name() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.display_name := coalesce(NEW.display_name, split_part(NEW.email, '@', 1));
  RETURN NEW;
END $$;

CREATE TRIGGER users_fill_display_name BEFORE INSERT OR UPDATE ON public.users
  FOR EACH ROW EXECUTE FUNCTION public.users_fill_display_name();

-- crossfade:undo
DROP TRIGGER IF EXISTS users_fill_display_name ON public.users;
DROP FUNCTION IF EXISTS public.users_fill_display_name();
ALTER TABLE public.users DROP COLUMN IF EXISTS display_name;
`;

/** What `crossfade init` writes: a plan that validates as it stands. */
export const starterPlan: Readonly<Record<string, string>> = {
  'plan.yaml': planYaml,
  'sql/001_add_display_name.sql': columnSql,
};
