/** What the tests use of express, which comes without types of its own. */
declare module 'express' {
  import type { RequestListener } from 'node:http';

  export interface Request {
    header(name: string): string | undefined;
  }
  export type Router = object;
  export interface Application extends RequestListener {
    use(path: string, router: object): void;
  }
  export const Router: new () => Router;
  const express: () => Application;
  // biome-ignore lint/style/noDefaultExport: this is how express exports it.
  export default express;
}
