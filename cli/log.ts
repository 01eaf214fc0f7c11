import { type Command, Option } from 'commander';
import type { LogEntry } from '../connector/platform.ts';
import type { Terminal } from './terminal.ts';

const levels = ['debug', 'info', 'warn'] as const;
const formats = ['text', 'json'] as const;
type Level = (typeof levels)[number];

/** The log options of a command that runs for long. */
export interface LogOptions {
  readonly logLevel?: Level;
  readonly logFormat?: (typeof formats)[number];
  readonly verbose?: boolean;
}

/** The log of a command, on standard error. */
export interface Log {
  write(entry: LogEntry): void;
  /** Writes what the command itself has to say: in text only the message, in JSON an entry. */
  announce(event: string, message: string, details?: Readonly<Record<string, unknown>>): void;
}

/** Adds the log options to a command. */
export function addLogOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--log-level <level>',
        'the least level to log; default: info, or debug with --verbose',
      ).choices(levels),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'default: text on a terminal, otherwise one JSON object per line',
      ).choices(formats),
    )
    .option('--verbose', 'log each request and each delivery: the same as --log-level debug');
}

/** Opens the log of a command. */
export async function openLog(
  { verbose = false, logLevel = verbose ? 'debug' : 'info', logFormat }: LogOptions,
  terminal: Terminal,
): Promise<Log> {
  const format = logFormat ?? (terminal.isErrorScreen ? 'text' : 'json');
  return format === 'text' ? openTextLog(logLevel, terminal) : openJsonLog(logLevel, terminal);
}

/** A line of JSON for each entry, with its time. Only this command needs pino, so it is loaded here. */
async function openJsonLog(level: Level, terminal: Terminal): Promise<Log> {
  // The bundle of a CommonJS package has no other export.
  const { default: pino } = await import('pino');
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => terminal.err(line.trimEnd()) },
  );
  const write = ({ level: of, message, ...details }: LogEntry): void =>
    logger[of](details, message === undefined ? undefined : String(message));
  return {
    write,
    announce: (event, message, details) => write({ level: 'info', event, ...details, message }),
  };
}

/** Waits, which can be long, as a status that the next line replaces. */
const waits: ReadonlySet<string> = new Set(['request_retried', 'delivery_retried', 'poll_retried']);

function openTextLog(least: Level, terminal: Terminal): Log {
  return {
    write(entry) {
      if (waits.has(entry.event) && least !== 'warn') terminal.status(waitText(entry));
      else if (levels.indexOf(entry.level) >= levels.indexOf(least))
        terminal.err(`${new Date().toISOString()} ${formatEntry(entry)}`);
    },
    announce: (_, message) => terminal.err(message),
  };
}

/** A wait in words. */
export function waitText({ attempt }: LogEntry): string {
  return `No successful response yet. Attempt ${Number(attempt) + 1} follows…`;
}

/** An entry on one line: `warn poll_failed: The provider is down. origin=poll waitInMs=5000`. */
function formatEntry({ level, event, message, ...details }: LogEntry): string {
  const words = Object.entries(details).map(([name, value]) => `${name}=${formatValue(value)}`);
  const subject = message === undefined ? event : `${event}: ${message}`;
  return [level.padEnd(5), subject, ...words].join(' ');
}

function formatValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  // Quotes only where the end of the value would be unclear without them.
  return /^"[^\s"\\=]+"$/.test(text) ? text.slice(1, -1) : text;
}
