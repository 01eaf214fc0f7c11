// Measures how many security event tokens are verified and mapped per second, compared with bare jose, which only verifies
// them: the same tokens, in turns, in one run.
// Use: node bench/sets.ts [--quick]      --quick: a smoke test of a second; ignore its numbers
import { cpus } from 'node:os';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { median, quantile } from './support/median.ts';
import { openSetContest } from './support/set-contestants.ts';
import { takeTurns } from './support/take-turns.ts';

const isQuick = process.argv.includes('--quick');
const size = isQuick ? { rounds: 3, units: 100, warmUp: 200 } : { rounds: 31, units: 500, warmUp: 10_000 };
const concurrency = 32;
const aim = 0.7;
const noToken = { text: '', bytes: new Uint8Array() };
const [us, jose, joseAgain, joseJwt] = [0, 1, 2, 3];

const line = (...cells: readonly string[]): void => {
  const [name = '', ...numbers] = cells;
  console.log(`${name.padEnd(22)}${numbers.map((number) => number.padStart(20)).join('')}`);
};

/** `0.93 (0.91–0.95)`: the median and the interquartile range of the rounds. */
const spread = (ratios: readonly number[]): string =>
  `${median(ratios).toFixed(2)} (${quantile(ratios, 0.25).toFixed(2)}–${quantile(ratios, 0.75).toFixed(2)})`;

console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
);
line(
  'tokens per second',
  'Rolecall',
  'compactVerify',
  'Rolecall/compact',
  'Rolecall/jwtVerify',
  'compact/compact',
);
const medians: number[] = [];
for (const alg of ['ES256', 'EdDSA', 'RS256']) {
  const { contestants, sign } = await openSetContest(alg);
  const tokens = await sign(500);
  for (const atOnce of [1, concurrency]) {
    const turns = await takeTurns(
      contestants.map(({ name, take }) => ({
        name,
        run: async (units) => {
          await mapConcurrently(Array.from({ length: units }), atOnce, (_, unit) =>
            take(tokens[unit % tokens.length] ?? noToken),
          );
        },
      })),
      size,
    );
    medians.push(median(turns.ratios(us, jose)));
    line(
      `${alg}, ${atOnce === 1 ? 'one by one' : `${atOnce} at once`}`,
      turns.rate(us).toFixed(0),
      turns.rate(jose).toFixed(0),
      spread(turns.ratios(us, jose)),
      spread(turns.ratios(us, joseJwt)),
      spread(turns.ratios(joseAgain, jose)),
    );
  }
}
const worst = Math.min(...medians);
console.log(
  isQuick
    ? '\nA quick run only shows that everything runs: too little of it is warm for a measurement.'
    : `\nThe lowest ratio is ${worst.toFixed(2)}; the aim is ${aim}: ${worst >= aim ? 'reached' : 'missed'}.`,
);
