export { createPiece } from './create-piece.ts';
