/** What people paste, by slot. `<<name>>` is a slot of the same scene, so that code speaks of what is being discussed. */
export const SNIPPETS: Readonly<Record<string, readonly string[]>> = {
  sql: [
    "```sql\nSELECT stop_name, count(*)\nFROM departures\nWHERE line = '<<line>>'\n  AND planned > now() - interval '<<few>> hours'\nGROUP BY 1\nORDER BY 2 DESC;\n```",
    '```sql\nEXPLAIN (ANALYZE, BUFFERS)\nSELECT * FROM stop_times\nWHERE stop_id = $1 AND departure >= $2\nLIMIT 50;\n-- Seq Scan on stop_times (actual time=0.02..<<ms>>.4 rows=<<count>>)\n```',
    "```sql\nUPDATE calendars SET ends_on = '2031-12-13'\nWHERE depot = '<<stop>>' AND ends_on IS NULL\nRETURNING id;\n-- <<count>> rows\n```",
  ],
  emptyCode: [
    '```ts\nexport function headway(trips: Trip[]): number {\n  const gaps = trips.slice(1).map((trip, i) => trip.start - trips[i].start);\n  return Math.max(...gaps); // breaks for [] \n}\n```',
  ],
  pastCode: [
    '```kotlin\nval next = departures\n    .filter { it.stop == "<<stop>>" }\n    .minByOrNull { it.planned }\n    ?: return Display.Empty\n```',
    "```sh\ncurl -s https://api.nordhalt.example/v2/stops/<<unit>>/departures \\\n  | jq '.departures[0:<<few>>] | .[].planned'\n```",
  ],
  code: [
    '```ts\nexport function headway(trips: Trip[]): number {\n  const gaps = trips.slice(1).map((trip, i) => trip.start - trips[i].start);\n  return Math.max(...gaps); // breaks for [] \n}\n```',
    "```ts\nconst delay = actual.since(planned).total('minutes');\nif (delay > <<minutes>>) announce(trip, delay);\n```",
    '```python\nfor trip in feed.trips:\n    if trip.calendar not in calendars:\n        log.warning("no calendar for %s at <<stop>>", trip.id)\n        continue\n    yield trip\n```',
    '```kotlin\nval next = departures\n    .filter { it.stop == "<<stop>>" }\n    .minByOrNull { it.planned }\n    ?: return Display.Empty\n```',
    "```sh\ncurl -s https://api.nordhalt.example/v2/stops/<<unit>>/departures \\\n  | jq '.departures[0:<<few>>] | .[].planned'\n```",
  ],
  retryLog: [
    '```\n<<since>>:07 WARN  <<service>> retry 3/5 after <<ms>> ms: connection reset\n<<since>>:09 WARN  <<service>> retry 4/5 after <<ms>> ms: connection reset\n<<since>>:14 ERROR <<service>> giving up, <<count>> messages parked\n```',
  ],
  log: [
    '```\n<<service>>-5d9 | heap 1.9 GB of 2.0 GB\n<<service>>-5d9 | GC pause <<ms>> ms\n<<service>>-5d9 | killed (137)\n```',
    '```\nTypeError: cannot read "stopId" of undefined\n    at matchStop (<<service>>/src/match.ts:<<minutes>>)\n    at mergeFeed (<<service>>/src/merge.ts:<<percent>>)\n```',
  ],
  timeoutConfig: [
    '```yaml\n<<service>>:\n  replicas: <<few>>\n  timeout: <<ms>>ms\n  feeds:\n    - https://feeds.<<town>>.example/rt\n```',
  ],
  config: [
    '```yaml\n<<service>>:\n  replicas: <<few>>\n  timeout: <<ms>>ms\n  feeds:\n    - https://feeds.<<town>>.example/rt\n```',
    '```json\n{\n  "display": "<<stop>>",\n  "lines": ["<<line>>"],\n  "refreshSeconds": <<minutes>>,\n  "fallback": "timetable"\n}\n```',
  ],
  table: [
    '```\n            before   after\np50         <<ms>> ms   41 ms\np95         <<ms>> ms   118 ms\nerrors      0.<<percent>> %  0.01 %\n```',
    '```\nreplica   memory   errors\nold       610 MB   <<few>>\ncanary    580 MB   <<few>>\n```',
  ],
  runtimes: [
    '```\nsection                 plan     median   p90\n<<stop>> → Rope Walk    6 min    7.5      9\nRope Walk → terminus    11 min   12       1<<few>>\n```',
    '```\nmorning peak    +<<few>> min   (n = <<count>>)\nmidday          +1 min\nevening peak    +<<few>> min\n```',
  ],
};
