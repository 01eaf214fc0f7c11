export { createApp, type ZapierApp } from './create-app.ts';
