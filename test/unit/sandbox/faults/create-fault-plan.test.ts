import { expect, it } from 'vitest';
import { createFaultPlan } from '../../../../sandbox/faults/create-fault-plan.ts';
import { parseFaults } from '../../../../sandbox/faults/parse-faults.ts';

it('reads rates, and the length of a delay', () => {
  expect(parseFaults('drop=0.05, delay=0.2:300')).toEqual({
    rates: { drop: 0.05, delay: 0.2 },
    delayInMs: 300,
  });
  expect(parseFaults('delay=1').delayInMs).toBe(1000);
});

it.each(['', 'drop', 'drop=2', 'drop=-1', 'explode=0.1', 'drop=0.1:300', 'drop=0.1;cut=0.1'])(
  'rejects "%s", and shows an example of a rate',
  (text) => {
    expect(() => parseFaults(text)).toThrow(
      /is not a fault\. Use rates from 0 to 1, such as drop=0\.05,delay=0\.2:300/,
    );
  },
);

it('rejects rates that add up to more than 1', () => {
  expect(() => parseFaults('drop=0.6,cut=0.6')).toThrow('add up to 1.2');
});

it('draws the same faults for the same seed, and other faults for another seed', () => {
  const rates = parseFaults('lose=0.1,drop=0.1,cut=0.1,delay=0.1:5,duplicate=0.1');
  const draw = (seed: number) => Array.from({ length: 200 }, createFaultPlan(rates, seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it('draws each fault at about its rate', () => {
  const plan = createFaultPlan(parseFaults('drop=0.25,delay=0.25:5'), 1);
  const drawn = Array.from({ length: 4000 }, plan);
  const share = (kind: string | undefined) =>
    drawn.filter((fault) => fault?.kind === kind).length / drawn.length;
  expect(share('drop')).toBeCloseTo(0.25, 1);
  expect(share('delay')).toBeCloseTo(0.25, 1);
  expect(share(undefined)).toBeCloseTo(0.5, 1);
});
