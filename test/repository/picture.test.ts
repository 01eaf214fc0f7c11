import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawPicture, picturePath } from '../../scripts/draw-picture.ts';

it('the picture in the README shows what npm start prints', () => {
  expect(readFileSync(picturePath, 'utf8'), 'npm run picture updates it').toBe(drawPicture());
});
