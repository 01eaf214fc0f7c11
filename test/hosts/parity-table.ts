/** What every host is compared in. docs/hosts/parity.md has the table. */
export const parityColumns = {
  outputs: 'What every action returns and changes, and its dry run',
  errors: 'What odd names, inputs, and states return, change, or fail with',
  throttled: 'A 429 with `Retry-After`: waits as long, then succeeds',
  recovering: 'A 500 twice, then success: retries',
  unavailable: 'A 503 each time: fails before the deadline, and changes nothing',
  cut: 'The response to a create is cut short: the user exists once',
  webPage: 'A web page instead of JSON: fails, and says so',
  revoked: 'A 401 in the middle of an action: fails at once, and does not retry',
  lost: 'The response to a create is lost: the user exists once',
  silent: 'No response at all: fails at the deadline',
  payload: 'A response beyond the maximum size: fails without reading it all',
  rows: 'A thousand rows in one step: a result for each, in order',
  deadline: 'Time for the requests of an action, by default',
  page: 'Events of one poll that finds 2,300 users',
  state: 'What a trigger can store of a directory',
} as const;

/** A column of the table of hosts. */
export type ParityColumn = keyof typeof parityColumns;

/** The columns in which hosts run actions. */
export const actionColumns = [
  'outputs',
  'errors',
  'throttled',
  'recovering',
  'unavailable',
  'cut',
  'webPage',
  'revoked',
  'lost',
  'silent',
  'payload',
  'rows',
] as const satisfies readonly ParityColumn[];

/** The columns in which hosts differ, each by a literal of its row. */
export const limitColumns = ['deadline', 'page', 'state'] as const satisfies readonly ParityColumn[];

/** A host in the table: its limits, and what it is not compared in. */
export interface HostRow {
  readonly title: string;
  /** How long the requests of an action may take by default, with retries and waits. */
  readonly deadlineInMs: number;
  /** How many events each poll returns that finds 2,300 users, until there are no more. */
  readonly eventsPerPoll: readonly number[];
  /** How many characters a trigger can store. */
  readonly stateCharacters: number;
  /** The columns that do not apply, each with the reason, as the rest of "can't, because". */
  readonly cannot: Partial<Readonly<Record<ParityColumn, string>>>;
}

const libraryDeadlineInMs = 120_000;
const cursorCharacters = 1_048_576;
const withoutPolls = { eventsPerPoll: [], stateCharacters: 0 };

/** Every host, by the name of its folder. `node` is the command line and the library. */
export const hostTable = {
  node: {
    title: 'Node',
    deadlineInMs: libraryDeadlineInMs,
    eventsPerPoll: [2_300],
    // Of `connector.poll`, whose caller stores the cursor. A watch has no such limit.
    stateCharacters: cursorCharacters,
    cannot: {},
  },
  n8n: {
    title: 'n8n',
    deadlineInMs: libraryDeadlineInMs,
    eventsPerPoll: [2_300],
    stateCharacters: cursorCharacters,
    cannot: {},
  },
  workato: {
    title: 'Workato',
    deadlineInMs: libraryDeadlineInMs,
    eventsPerPoll: [1_000, 1_000, 300],
    stateCharacters: cursorCharacters,
    cannot: {},
  },
  zapier: {
    title: 'Zapier',
    deadlineInMs: 22_000,
    eventsPerPoll: [1_000],
    stateCharacters: 0,
    cannot: { state: 'a poll in Zapier has no memory: it returns the newest users and groups each time' },
  },
  mcp: {
    title: 'MCP',
    deadlineInMs: 47_500,
    ...withoutPolls,
    cannot: {
      page: 'the protocol has no triggers: a client asks',
      state: 'the protocol has no triggers: nothing is stored',
    },
  },
  activepieces: {
    title: 'Activepieces',
    deadlineInMs: libraryDeadlineInMs,
    eventsPerPoll: [2_300],
    stateCharacters: 524_288,
    cannot: {},
  },
} as const satisfies Readonly<Record<string, HostRow>>;
