// The app of Zapier: everything is declared in connector/declaration.json.
import { version as platformVersion } from 'zapier-platform-core';
import { createApp } from './connector/app.js';
import declaration from './connector/declaration.json' with { type: 'json' };
import packageJson from './package.json' with { type: 'json' };

export default createApp(declaration, { version: packageJson.version, platformVersion });
